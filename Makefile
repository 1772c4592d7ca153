# make demo and make test need Go, git and make. What else a target needs is said at it.

GO ?= go
TOOLS = $(GO) tool -modfile=tools/go.mod
FUZZTIME ?= 30s

.PHONY: build demo test check fmt vet lint tidy vulncheck e2e fuzz bench

build:
	$(GO) build -trimpath -o bin/ ./cmd/cognito-confirm

demo: build
	bin/cognito-confirm demo

test:
	$(GO) test -race ./...

check: fmt vet lint tidy vulncheck test

fmt:
	@test -z "$$(gofmt -l .)" || { gofmt -l .; echo "not formatted: run gofmt -w ." >&2; exit 1; }

vet:
	$(GO) vet ./...

lint:
	$(TOOLS) staticcheck ./...

tidy:
	$(GO) mod tidy -diff
	$(GO) -C tools mod tidy -diff

# The database is on the network; where it cannot be reached there is nothing to check against.
vulncheck:
	@.ci/vulncheck $(TOOLS) govulncheck ./...

# Needs node with npm, and the AWS CLI.
e2e: build
	.ci/e2e

fuzz:
	.ci/fuzz $(FUZZTIME)

bench:
	$(GO) test -run '^$$' -bench . -benchmem ./...
