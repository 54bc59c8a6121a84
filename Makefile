# Two commands for a new user: `make demo` and `make test`. `make help` lists the rest.
# Only the two stamps below and the browser of `make test-browser` ever use the network.

VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/runtime.stamp
DEV := $(VENV)/dev.stamp
INSTALL := $(BIN)/python -m pip install --quiet --no-input --disable-pip-version-check
LOCKED := $(INSTALL) --require-hashes --only-binary :all:

PYTHON ?= python3.13 python3.12 python3.11 python3  # the first that fits is taken
PORT ?= 8000
SERVE ?= 1
UV ?= uv
PYTEST := $(BIN)/python -m pytest
SPREAD := --numprocesses logical --maxprocesses 8 --dist worksteal  # a process a core

unexport PYTHONDONTWRITEBYTECODE  # checks start many processes: none should compile what another did

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo setup serve test check test-fast lint test-browser test-crash bench lock clean

help:  ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(RUNTIME)  ## install, weigh real corpora, serve the pages (SERVE=0: do not serve)
	$(BIN)/steelyard demo --port $(PORT) $(if $(filter 0,$(SERVE)),--no-serve)

setup: $(DEV)  ## install what runs and what checks into .venv

serve: $(RUNTIME)  ## serve the catalog of $STEELYARD_HOME (PORT=8000)
	$(BIN)/steelyard serve --port $(PORT)

test: $(DEV)  ## the test suite, without a browser and without killing processes
	@$(COMPILED)
	$(PYTEST) $(SPREAD) -m "not browser and not crash"

check: lint test-fast  ## before every commit, in about a minute: lint, types, architecture, tests

test-fast: $(DEV)  ## the test suite without what tests/slow.txt names
	@$(COMPILED)
	$(PYTEST) $(SPREAD) -m "not browser and not crash and not slow"

lint: $(DEV)  ## check without the tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .

test-browser: $(DEV)  ## drive the pages in headless Chromium (installed by apt where it is missing)
	@.ci/chromium
	$(PYTEST) -m browser

test-crash: $(DEV)  ## kill processes on purpose and look at what is left
	$(PYTEST) -m crash

bench: $(DEV)  ## measure against the goals of docs/design.md
	@set -e; for script in startup debian_docs ingest_speed measures; do \
	    echo "== bench/$$script.py"; $(BIN)/python bench/$$script.py; done

lock:  ## write both locks anew from pyproject.toml (needs uv and the network; UPGRADE=--upgrade)
	$(UV) $(LOCK) $(UPGRADE) --group dev --all-extras --output-file requirements-dev.txt
	$(UV) $(LOCK) --group build --constraints requirements-dev.txt --output-file requirements.txt

clean:  ## remove the environment and the caches (the data home stays)
	rm -rf $(VENV) dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The text pass is compiled before processes that need it start side by side, and kept.
COMPILED := $(BIN)/python -c 'from curation.measures.text_pass import prepare; prepare(print)'

# Every Python gets the same versions, so that the same input gives the same numbers on each.
LOCK := pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest \
	--generate-hashes --no-annotate --no-header --no-emit-index-url pyproject.toml

$(BIN)/python:
	@for python in $(PYTHON); do \
	    if $$python -c 'import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
	        2> /dev/null; then \
	        echo "environment: $$($$python --version) in $(VENV)"; \
	        $$python -m venv $(VENV) && exit 0; \
	        rm -rf $(VENV); exit 1; \
	    fi; \
	done; \
	echo "No Python 3.11, 3.12 or 3.13 with venv among: $(PYTHON)." >&2; \
	echo "On Debian or Ubuntu: apt install python3 python3-venv; else: make PYTHON=/path/to/python3.13" >&2; \
	exit 1

# The locks hold hashes; the project itself is built by the lock's own hatchling, without the network.
$(RUNTIME): requirements.txt pyproject.toml | $(BIN)/python
	@echo "environment: what runs (about 1.4 GB on disk, once)"
	$(LOCKED) -r requirements.txt
	$(INSTALL) --no-index --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV): requirements-dev.txt $(RUNTIME)
	@echo "environment: what checks"
	$(LOCKED) -r requirements-dev.txt
	@touch $@
