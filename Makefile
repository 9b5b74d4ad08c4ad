# Two commands matter: `make book` builds the site, `make test` runs everything that keeps it true.
# Each target sets up .venv itself if it is missing or out of date.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
READER := $(VENV)/.reader
DEV := $(VENV)/.dev
CH ?=

.DEFAULT_GOAL := help
.PHONY: help book serve notebooks chapter check test bench twenty lock clean

help:  ## what each target does
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort | awk -F'\t' '{printf "  make %-10s %s\n", $$1, $$2}'

$(READER): locks/book.txt pyproject.toml
	@echo "setting up $(VENV) (a few minutes the first time)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; this is " + sys.version.split()[0] + ". Say which: make PYTHON=python3.12 …")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) --require-hashes -r locks/book.txt
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(DEV): locks/tests.txt $(READER)
	@echo "adding what the tests need"
	@$(PIP) --require-hashes -r locks/tests.txt
	@touch $@

book: $(READER)  ## run every cell and build the site, warnings fatal
	@$(BIN)/python tools/notebooks.py run
	@$(BIN)/python tools/book.py

serve: book  ## build, then serve the site on the next free port
	@$(BIN)/python tools/serve.py

notebooks: $(READER)  ## run every cell and write notebooks/
	@$(BIN)/python tools/notebooks.py write

chapter: $(READER)  ## one chapter, fast: make chapter CH=05
	@test -n "$(CH)" || { echo "which chapter? make chapter CH=05"; exit 2; }
	@$(BIN)/python tools/notebooks.py write $(CH)
	@$(BIN)/python tools/book.py

check: $(DEV)  ## all tests of one chapter: make check CH=05
	@$(BIN)/python tools/check.py $(CH)

test: $(DEV)  ## everything: style, package, notebooks, site in a real browser
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	$(BIN)/python -m pytest -q -n 2 --dist loadgroup tests --ignore=tests/site
	$(BIN)/python -m pytest -q -n 2 --dist loadfile --nbval notebooks
	@$(MAKE) --no-print-directory book
	$(BIN)/python -m pytest -q -n 2 --dist loadgroup tests/site

bench: $(DEV)  ## print time ratios against reference libraries, and the budgets
	@for script in $(filter-out %/bench_twenty.py,$(wildcard benchmarks/bench_*.py)); do $(BIN)/python $$script; done

twenty: $(DEV)  ## print the times of building a book of twenty chapters (some ten minutes)
	@$(BIN)/python benchmarks/bench_twenty.py

COMPILE := $(BIN)/uv pip compile --universal --python-version 3.11 --no-header --no-annotate --quiet
DIRECT := grep -hvE '^(\#|-)'

lock:  ## write constraints.txt and locks/ anew from the direct pins
	@test -x $(BIN)/uv || { test -x $(BIN)/python || $(PYTHON) -m venv $(VENV); $(BIN)/python -m pip install --quiet uv; }
	@$(DIRECT) requirements.txt requirements-dev.txt | $(COMPILE) - -o constraints.txt
	@$(DIRECT) requirements.txt | $(COMPILE) --generate-hashes -c constraints.txt - -o locks/book.txt
	@$(DIRECT) requirements.txt requirements-dev.txt | $(COMPILE) --generate-hashes -c constraints.txt - -o locks/tests.txt

clean:  ## remove what was built (not .venv)
	@rm -rf _build .pytest_cache .hypothesis .ruff_cache
