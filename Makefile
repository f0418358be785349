# One command for each thing; `make help` lists them. The first one that needs Python builds .venv, the second installs nothing.

PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$p && break; done)
VENV ?= .venv
BIN := $(VENV)/bin
OUT ?= runs/demo
TESTERS ?= 2

# Threads that wait must sleep: two that spin beside another job fall to a tenth of the speed.
export OMP_WAIT_POLICY ?= PASSIVE
export PYTHONUTF8 := 1

.PHONY: help demo test check slow docs format clean

help:  ## list the targets
	@grep -E '^[a-z]+:.*##' Makefile | sed 's/:.*## /\t/' | expand -t 10

# torch comes first and alone, so that whichever build of it a machine offers is kept by everything after it.
$(VENV)/.installed: pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "error: expected Python 3.11 or newer, but found none. Install it, or name it: make demo PYTHON=/path/to/python3.11"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q torch==2.13.0 -c constraints.txt
	$(BIN)/python -m pip install -q -e '.[dev]' -c constraints.txt
	touch $@

demo: $(VENV)/.installed  ## optimise molecules with what the package carries; the report is in runs/demo
	$(BIN)/chemvae demo -o $(OUT) --overwrite

test: $(VENV)/.installed  ## every test but those that train for long, two at a time (TESTERS=n)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -n $(TESTERS)

check: $(VENV)/.installed  ## formatting, lint, types and floors
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# What only the slow tests, the notebooks and the site need comes on top of what is there: every extra.
$(VENV)/.extras: $(VENV)/.installed
	$(BIN)/python -m pip install -q -e '.[dev,browser,build,docs,notebook,onnx,ray,track,umap]' -c constraints.txt
	touch $@

docs: $(VENV)/.extras  ## the site, in build/docs/index.html; a warning is an error
	$(BIN)/python -m sphinx -W --keep-going -q -b html docs build/docs

slow: $(VENV)/.extras  ## the tests that train, walk a whole data set, run the notebooks and every command of the docs
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -m slow

format: $(VENV)/.installed  ## let ruff put the code in order
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:  ## remove the environment and what tests leave behind; runs/ stays
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis build dist
