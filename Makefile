# make demo and make test need Go, git and make. What else a target needs is said at it.

GO ?= go
TOOLS = $(GO) tool -modfile=tools/go.mod
TAGS = e2e,faults,soak,bench
# The race detector needs a C compiler; without one the tests run without it.
RACE := $(if $(filter 1,$(shell $(GO) env CGO_ENABLED)),-race)
FUZZTIME ?= 30s
ROWS ?= 1000000

.PHONY: build demo test check fmt vet lint tidy vulncheck e2e memory simulate fuzz bench bench-speed bench-pacing faults soak

build:
	$(GO) build -trimpath -o bin/ ./cmd/cognito-confirm

demo: build
	bin/cognito-confirm demo

test:
	$(GO) test $(RACE) ./...
	$(GO) test -run Simulation ./ratelimit

check: fmt vet lint tidy vulncheck test

fmt:
	@test -z "$$(gofmt -l .)" || { gofmt -l .; echo "not formatted: run gofmt -w ." >&2; exit 1; }

vet:
	$(GO) vet ./...
	$(GO) vet -tags $(TAGS) ./...

lint:
	$(TOOLS) staticcheck ./...
	$(TOOLS) staticcheck -tags $(TAGS) ./...

tidy:
	$(GO) mod tidy -diff
	$(GO) -C tools mod tidy -diff

# The database is on the network; where it cannot be reached there is nothing to check against.
vulncheck:
	@.ci/vulncheck $(TOOLS) govulncheck ./...

# Needs node and the AWS CLI.
e2e: build
	.ci/e2e

# A run of so many rows, and what it takes of memory and connections.
memory: build
	ROWS=$(ROWS) $(GO) test -tags e2e -count=1 -v -run '^TestMemory$$' ./internal/e2e

# The controller against every kind of service and traffic, 288 cases in virtual time.
simulate:
	$(GO) test ./ratelimit -run '^TestSimulation$$' -v -simulate -timeout 30m

fuzz:
	.ci/fuzz $(FUZZTIME)

bench:
	$(GO) test -run '^$$' -bench . -benchmem ./...

# A run without a quota against a bare loop over the SDK: CPU, throughput, memory.
bench-speed: build
	$(GO) -C internal/bench test -tags bench -count=1 -timeout 1h -run '^TestSpeed$$'

# What --rate auto gets out of a quota, beside the other ways to go about it; a
# quarter of an hour. With boto3 in it where python3 can import that.
bench-pacing: build
	$(GO) -C internal/bench test -tags bench -count=1 -timeout 1h -run '^(TestPacing|TestFarUp)$$'

# Kills, breaks and cuts off the program in every way; Linux on amd64, and with
# FAULTFLAGS=-short a small part of it. A full filesystem needs root.
faults:
	$(GO) test -tags faults -run '^TestFaults' -count=1 -timeout 60m -v $(FAULTFLAGS) ./cmd/cognito-confirm

# Ten minutes at full speed with faults; SOAKFLAGS=-soak.duration=2m for less.
soak:
	$(GO) test -tags soak -run '^TestSoak$$' -count=1 -timeout 120m -v ./cmd/cognito-confirm $(SOAKFLAGS)
