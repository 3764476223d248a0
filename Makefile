# `make` prints this list.
VENV   ?= .venv
PYTHON ?= python3
BIN     = $(VENV)/bin
TWO_AT_ONCE = -n 2 --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help demo install test test-all lint format docs readme clean

help:  ## print the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

$(VENV)/installed: setup.cfg
	$(PYTHON) -m venv $(VENV)
	@.ci/install.sh $(VENV)
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed
	@.ci/install.sh $(VENV) dev
	@touch $@

install: $(VENV)/installed  ## make .venv and install gancli into it

demo: install  ## train a small DCGAN on handwritten digits and draw from it (less than four minutes from scratch)
	@$(BIN)/python -m experiments.demo.run

test: $(VENV)/installed-dev  ## tests without the faults, some minutes on two cores; GANCLI_DATA=DIR adds tests on real data
	$(BIN)/python -m pytest $(TWO_AT_ONCE) -m 'not faults'

test-all: $(VENV)/installed-dev  ## all tests, including kills, full disks and hostile files: about four minutes more
	$(BIN)/python -m pytest $(TWO_AT_ONCE)

lint: $(VENV)/installed-dev  ## ruff: style and format; import-linter: the order of the packages; mypy: types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy

format: $(VENV)/installed-dev  ## fix and format with ruff
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(VENV)/installed-dev  ## build docs/_build/index.html; warnings are errors
	$(BIN)/python -m sphinx --builder html --conf-dir docs --jobs auto --fail-on-warning --quiet . docs/_build

readme: $(VENV)/installed-dev  ## write the generated pages of docs, and copy results and counts into all texts
	$(BIN)/python -m experiments.command_pages
	$(BIN)/python -m experiments.model_pages
	$(BIN)/python -m experiments.data_layouts
	$(BIN)/python -m experiments.findings_page
	$(BIN)/python -m experiments.package_picture
	$(BIN)/python -m experiments.readmes

clean:  ## remove .venv and caches; runs/ stays
	rm -rf $(VENV) build docs/_build *.egg-info .pytest_cache .ruff_cache .mypy_cache .hypothesis
