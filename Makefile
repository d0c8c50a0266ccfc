# One virtual environment in .venv. It is made again when pyproject.toml or constraints.txt change.
VENV   := .venv
PYTHON := $(shell command -v python3.11 || command -v python3)
BIN    := $(VENV)/bin
READY  := $(VENV)/.installed
COVERED := 90
PYTEST := $(BIN)/pytest -n auto --dist worksteal --durations=15

.PHONY: help play setup check test test-sample test-soak coverage docs clean

help:                   ## print this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

play: $(READY)          ## set up, then make a treasure hunt and play it
	$(BIN)/ariadne play

setup: $(READY)         ## set up only

check: $(READY)         ## format, lint, spelling, layers and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/codespell
	$(BIN)/lint-imports
	$(BIN)/mypy -p ariadne -p tests

test: check             ## all checks and the fast tests: at most 4 minutes on two cores
	$(PYTEST) -m "not sample and not soak"

test-sample: $(READY)   ## a bounded share of the long tests
	$(PYTEST) -m sample

test-soak: $(READY)     ## all tests: every kill, every game, full fuzzing; takes hours
	ARIADNE_SOAK=1 $(PYTEST)

coverage: $(READY)      ## print how much the last tests that ran with --cov covered; less than before is an error
	$(BIN)/coverage report --fail-under=$(COVERED)

docs: $(READY)          ## build the documentation into build/site; a broken link is an error
	$(BIN)/mkdocs build --strict --quiet

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, not " + sys.version.split()[0])'
	$(PYTHON) -m venv $(VENV)
	PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/pip install --quiet -c constraints.txt -e '.[textworld,express,embeddings,networkx,llm,plots,ray,dev]'
	@touch $@

clean:                  ## delete the virtual environment and all caches
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage *.egg-info
