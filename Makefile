# `make run` and `make test` each do everything on a fresh Debian machine with Python 3.11 or newer.
# `make help` lists all targets.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
HOME_FOLDER ?= $(CURDIR)/.opyard
export OPYARD_HOME ?= $(HOME_FOLDER)

.DEFAULT_GOAL := help
.PHONY: help run test check lint types floors tests format bench clean

help: ## List the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: $(VENV)/installed-all ## Set everything up, fill a first project with the examples, start Opyard on http://127.0.0.1:8501
	$(BIN)/opyard examples install
	$(BIN)/opyard up

test: $(VENV)/installed-dev system-packages check ## Set everything up and run every check and test

check: $(VENV)/installed-dev lint types floors tests ## Style, types, import contracts and tests

lint: $(VENV)/installed-dev ## Style (ruff)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/installed-dev ## Types (mypy, strict)
	$(BIN)/mypy

floors: $(VENV)/installed-dev ## Imports go downwards only (import-linter)
	$(BIN)/lint-imports --no-cache

tests: $(VENV)/installed-dev ## All tests, side by side on all cores; PYTEST_ARGS selects some
	$(BIN)/pytest -n auto $(PYTEST_ARGS)

format: $(VENV)/installed-dev ## Bring all code into the one format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/installed-dev ## Run the benchmarks; each prints JSON
	@for file in benchmarks/bench_*.py; do $(BIN)/python $$file || exit 1; done

clean: ## Delete what the targets made (not your data in .opyard)
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Opyard needs Python 3.11 or newer; set PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || sh tools/install_system_packages.sh python3-venv
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip

$(VENV)/installed-all: $(BIN)/python pyproject.toml
	$(BIN)/python -m pip install --quiet -e '.[all]'
	@touch $@

$(VENV)/installed-dev: $(BIN)/python pyproject.toml
	$(BIN)/python -m pip install --quiet -e '.[dev]'
	@touch $@ $(VENV)/installed-all

.PHONY: system-packages
system-packages:
	@sh tools/install_system_packages.sh chromium postgresql
