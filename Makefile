# The one place that lists what can be done here. `make help` prints it. Works with GNU Make 3.81 (macOS) and newer.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory

PYTHON_RUN := .venv/bin/python
DATA_DIR := $(or $(GEODATA_DIR),data)
# Every tool is called as a module: a script's first line breaks where the project's path is long or has a blank.
section = @printf '\n== %s\n' "$(1)"

.PHONY: help run test setup build fetch estimate explain lint format types bench clean

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "make %-10s %s\n", $$1, $$2}' Makefile

run: setup ## Install, build the release if there is none, and serve it: http://localhost:8050 (HOST=, PORT=, CENTRES=file.csv, COUNTS=file.csv)
	@if [ -n "$$CENTRES$$COUNTS$$DEMAND$$FRICTION$$ROADS$$MINUTES$$ELEVATION" ] || ! $(PYTHON_RUN) -m geodata.store; then $(MAKE) build; fi
	@printf '==> Serving release %s\n' "$$(cat "$(DATA_DIR)/CURRENT")"
	@exec $(PYTHON_RUN) -m dashboard

test: lint types test-release ## Everything CI runs: style, types, floors, unit, contract and browser tests
	$(call section,Tests)
	@ATLAS_BROWSER="$$(tools/browser.sh)" && export ATLAS_BROWSER && \
		GEODATA_DIR="$(CURDIR)/data/test" $(PYTHON_RUN) -m pytest -n 2

setup: ## Install only: uv into .tools/, locked packages into .venv/
	@tools/setup.sh

build: setup ## Build the data release only (CENTRES=your register, COUNTS=official counts, DEMAND=where children live, and minutes from one of FRICTION=file.tif, ROADS=edges.csv (NODES=nodes.csv), MINUTES=matrix.csv, ELEVATION=dem.tif; TRAVEL_TITLE='what it is called')
	@printf '==> Building the data release in %s\n' "$(DATA_DIR)"
	@$(PYTHON_RUN) -m etl build

fetch: setup ## Download the census workbooks (needs internet)
	@$(PYTHON_RUN) -m etl fetch census

estimate: setup ## Estimate county figures from the census workbooks (CENSUS=folder)
	@$(PYTHON_RUN) -m etl estimate --census "$(or $(CENSUS),$(DATA_DIR)/census)"

explain: setup ## Print the build report of the current release
	@$(PYTHON_RUN) -m etl explain

lint: setup ## Style: ruff check and format
	$(call section,Style)
	@$(PYTHON_RUN) -m ruff check .
	@$(PYTHON_RUN) -m ruff format --check .

format: setup ## Mend what ruff can mend
	@$(PYTHON_RUN) -m ruff check --fix .
	@$(PYTHON_RUN) -m ruff format .

types: setup ## Types: mypy
	$(call section,Types)
	@$(PYTHON_RUN) -m mypy

bench: setup ## Measure against the peers (SUITE=map, QUICK=1, JSON=1)
	@$(PYTHON_RUN) -m geodata.store || $(MAKE) build
	@ATLAS_BROWSER="$$(tools/browser.sh)" $(PYTHON_RUN) -m bench $(or $(SUITE),map) $(if $(QUICK),--quick) $(if $(JSON),--json)

clean: ## Remove what was installed and cached; releases and downloads in data/ stay
	rm -rf .venv .tools .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache test-results data/test

.PHONY: test-release
test-release: setup
	$(call section,Test release)
	@tools/test-release.sh
