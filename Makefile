# make demo and make test need only Go, git and make. Other targets name what they need.

GO ?= go
TOOLS = $(GO) tool -modfile=tools/go.mod
TEMPORAL = cmd/cognito-confirm-temporal
TAGS = e2e,faults,soak,bench,release
FUZZTIME ?= 30s
ROWS ?= 1000000
KILLS ?= 10

.PHONY: build release release-test demo test race check fmt vet cross lint tidy vulncheck e2e lost-tasks memory simulate fuzz bench bench-speed bench-pacing faults soak temporal-build temporal-test temporal-e2e temporal-kill temporal-demo

# One static file.
build:
	CGO_ENABLED=0 $(GO) build -trimpath -o bin/ ./cmd/cognito-confirm

# Archives, packages and the image of all systems, with their sums and bills of
# materials, in dist/. RELEASING.md has the other steps of a release.
release:
	rm -rf dist
	$(GO) -C tools/release run . -root ../.. -out ../../dist

# Looks at what make release made. Needs umoci, skopeo and bwrap.
release-test: build
	$(GO) -C tools/release vet .
	$(GO) test -tags e2e,release -count=1 -v -run '^Test(Release|Image)' ./internal/e2e

demo: build
	bin/cognito-confirm demo

# The tests wait for the disk and for each other's processes, so that more of them run than
# there are processors. Vetting them is make vet's.
TESTFLAGS = -vet=off -p 4 -parallel 4

test:
	$(GO) test $(TESTFLAGS) ./...

# The same with the race detector, which needs a C compiler. What only
# computes, or only starts processes, is left out: it has nothing to race.
race:
	$(GO) test -race $(TESTFLAGS) ./...

check: fmt vet cross lint tidy vulncheck test race temporal-test

fmt:
	@test -z "$$(gofmt -l .)" || { gofmt -l .; echo "not formatted: run gofmt -w ." >&2; exit 1; }

vet:
	$(GO) vet ./...
	$(GO) vet -tags $(TAGS) ./...
	$(GO) -C $(TEMPORAL) vet -tags e2e,kill ./...

# The program and its tests compile on other systems too. make release uses what
# was compiled here, and builds the program.
cross:
	GOOS=windows $(GO) vet -trimpath ./...
	GOOS=darwin $(GO) vet -trimpath ./...
	GOARCH=386 $(GO) vet ./...
	GOOS=windows CGO_ENABLED=0 $(GO) build -trimpath -o bin/other/ ./cmd/cognito-confirm
	GOOS=darwin CGO_ENABLED=0 $(GO) build -trimpath -o bin/other/ ./cmd/cognito-confirm

lint:
	$(TOOLS) staticcheck ./...
	$(TOOLS) staticcheck -tags $(TAGS) ./...
	staticcheck=$$($(TOOLS) -n staticcheck) && cd $(TEMPORAL) && $$staticcheck -tags e2e,kill ./...

tidy:
	$(GO) mod tidy -diff
	$(GO) -C tools mod tidy -diff
	$(GO) -C tools/release mod tidy -diff
	$(GO) -C $(TEMPORAL) mod tidy -diff
	$(GO) -C tools/manifests mod tidy -diff

# Needs the network, where the vulnerability database is; skipped without it.
vulncheck:
	@.ci/vulncheck $(TOOLS) govulncheck ./...

# Tests the built program with cognito-local, the AWS CLI and a terminal; needs node, that
# CLI, tmux, zsh, fish, systemd-analyze and promtool.
e2e: build
	.ci/e2e

# Kills KILLS tasks with their disks, and freezes one, with the report in a stand-in for
# S3. Each kill takes half a minute.
lost-tasks: build
	KILLS=$(KILLS) $(GO) test -tags e2e -count=1 -v -timeout 1h -run '^(TestLostTasks|TestFrozenTask)$$' ./internal/e2e

# Measures the memory and the connections of a run with ROWS rows, and the memory of a page of as many
# and of a merge of five times as many.
memory: build
	ROWS=$(ROWS) $(GO) test -tags e2e -count=1 -v -run '^Test(Page|Merge|Check)?Memory$$' ./internal/e2e

# Runs the limiter against every kind of service and traffic, in virtual time.
# SIMULATEFLAGS=-short runs a part.
simulate:
	$(GO) test ./ratelimit -run '^TestSimulation' -count=1 -v -timeout 60m -simulate $(SIMULATEFLAGS)

# Runs every fuzz test for FUZZTIME.
fuzz:
	.ci/fuzz $(FUZZTIME)

bench:
	$(GO) test -run '^$$' -bench . -benchmem ./...

# Compares CPU, throughput and memory with a bare loop over the SDK. Takes a few minutes
# and needs the machine for itself.
bench-speed: build
	$(GO) -C internal/bench test -tags bench -count=1 -timeout 1h -run '^TestSpeed$$'

# Compares --rate auto with other ways to use a quota. Takes a quarter of an hour;
# includes boto3 where python3 can import it.
bench-pacing: build
	$(GO) -C internal/bench test -tags bench -count=1 -timeout 1h -parallel 4 -run '^(TestPacing|TestFixedRates|TestRefusals)$$'

# Kills, breaks and cuts off the program in every way. Linux on amd64; cases with a
# full filesystem need root. FAULTFLAGS=-short runs a small part.
faults:
	$(GO) test -tags faults -count=1 -timeout 60m -v $(FAULTFLAGS) ./internal/faults

# Ten minutes at full speed with faults. SOAKFLAGS=-soak.duration=2m for less.
soak:
	$(GO) test -tags soak -run '^TestSoak$$' -count=1 -timeout 120m -v ./internal/faults $(SOAKFLAGS)

# The program for runs under Temporal is a module of its own.
temporal-build:
	CGO_ENABLED=0 $(GO) -C $(TEMPORAL) build -trimpath -o ../../bin/

# Its tests need no engine: they run workflows in virtual time, and replay what a real one
# has recorded.
temporal-test:
	$(GO) -C $(TEMPORAL) test ./...

# Temporal's own server for development. Without optimisations it is built in half the time.
bin/temporal: tools/temporal/go.mod
	$(GO) -C tools/temporal build -trimpath -gcflags='all=-N -l' -ldflags='-s -w' -o ../../bin/ github.com/temporalio/cli/cmd/temporal

# One run under the real engine: workers are killed and stopped, the run is paused, canceled
# and started again. A minute, after the server was built. E2EFLAGS=-record keeps a history.
temporal-e2e: bin/temporal
	$(GO) -C $(TEMPORAL) test -tags e2e -count=1 -timeout 10m -v -run '^TestRealEngine$$' . $(E2EFLAGS)

# The matrix of docs/guarantees.md under the real engine: workers and the engine are killed
# and frozen, and runs are compared with others alone. Ten minutes, four cases at a time.
temporal-kill: build bin/temporal
	$(GO) -C $(TEMPORAL) test -tags kill -count=1 -timeout 60m -parallel 4 -v -run '^TestKill$$' . $(KILLFLAGS)

# Shows a failover: the worker that sends is killed, and another one goes on.
temporal-demo: build temporal-build bin/temporal
	samples/temporal-demo.sh
