# What can be done with this tree; "make" lists it. Nothing is needed but Go, unless a target says so.

GO       ?= go
# Of the last tag, as v1.2.3-4-gabcdef; without tags the revision alone tells.
VERSION  ?= $(or $(patsubst v%,%,$(shell git describe --tags --match 'v[0-9]*' --dirty 2>/dev/null)),0.0.0-dev)
BRANCH   ?= $(shell git rev-parse --abbrev-ref HEAD 2>/dev/null)
REVISION ?= $(shell git rev-parse HEAD 2>/dev/null)

about   := github.com/prometheus/common/version
ldflags := -s -w -X $(about).Version=$(VERSION) -X $(about).Branch=$(BRANCH) -X $(about).Revision=$(REVISION)

# Nothing here is C, and all targets share what was compiled for another.
export CGO_ENABLED ?= 0

# Packages with goroutines, less those whose tests take Prometheus along: for these it takes minutes.
RACE ?= ./exporter/app ./exporter/config ./exporter/logging ./exporter/promql ./exporter/series ./exporter/web

# Tests run the real programs that .ci/programs has built, and those of PATH.
programs = PATH="$$(.ci/programs):$$PATH"

.PHONY: help
help: ## list the targets
	@sed -n 's/^\([a-z]*\): [^#]*## \(.*\)/\1|\2/p' Makefile | while IFS='|' read -r name what; do printf '  make %-10s %s\n' "$$name" "$$what"; done

.PHONY: demo
demo: ## run a simulated mesh, a Prometheus and the exporter; flags by ARGS='--seed 2'
	$(GO) build -ldflags '$(ldflags)' -o bin/ ./exporter/cmd/meshscope-demo
	bin/meshscope-demo $(ARGS)

.PHONY: test
test: ## run all tests
	@$(programs) .ci/optional
	@$(programs) .ci/frontend test $(if $(GRAFANA_URL),e2e)
	$(programs) $(GO) test -timeout 15m $(TESTFLAGS) ./...

.PHONY: race
race: ## run the tests of concurrent code with the race detector, or those of RACE=./exporter/refresh; needs a C compiler
	CGO_ENABLED=1 $(GO) test -race -short -timeout 20m $(TESTFLAGS) $(RACE)

.PHONY: lint
lint: ## check form, vet, staticcheck, the rules of imports, and the front end
	@.ci/lint

.PHONY: bench
bench: ## run the benchmarks; those of a name by BENCH=Decode
	$(GO) test -run '^$$' -bench '$(or $(BENCH),.)' -benchmem $(TESTFLAGS) $$(.ci/packages '^func Benchmark')

.PHONY: fuzz
fuzz: ## fuzz each target for FUZZTIME (30s)
	@.ci/fuzz $(or $(FUZZTIME),30s)

.PHONY: build
build: ## build bin/meshscope and bin/meshscope-demo
	$(GO) build -trimpath -ldflags '$(ldflags)' -o bin/ ./exporter/cmd/...

# Each is an operating system and a processor. "local" is this machine alone, without an archive.
PLATFORMS ?= linux_amd64 linux_arm64 darwin_amd64 darwin_arm64 windows_amd64 windows_arm64
local     := $(filter local,$(PLATFORMS))

# The archive is of the time of what it is made from, so that equal sources give equal archives.
SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null)
plugin: export VERSION := $(VERSION)
plugin: export SOURCE_DATE_EPOCH := $(SOURCE_DATE_EPOCH)

.PHONY: plugin
plugin: ## build the data source into plugin/dist, and its zip into dist; for this machine alone by PLATFORMS=local
	.ci/frontend build
	cd plugin && $(GO) run github.com/magefile/mage $(if $(local),backend,$(foreach p,$(PLATFORMS),build:custom $(subst _, ,$p)))
	$(if $(GRAFANA_ACCESS_POLICY_TOKEN),.ci/frontend sign)
	$(if $(local),,$(GO) run ./plugin/archive -version '$(VERSION)' -platforms '$(PLATFORMS)' -time '$(or $(SOURCE_DATE_EPOCH),0)' plugin/dist dist)

.PHONY: dashboards
dashboards: ## make dashboards/*.json from their jsonnet
	$(GO) tool jsonnet -m dashboards dashboards/dashboards.libsonnet

.PHONY: mixin
mixin: ## make mixin/*.yaml from the mixin's jsonnet, and the PrometheusRule of deploy/kubernetes
	$(GO) run ./mixin/generate mixin
	$(GO) run ./deploy/kubernetes/generate deploy/kubernetes/monitoring/prometheusrule.yaml

.PHONY: clean
clean: ## remove what was built
	rm -rf bin dist plugin/dist
