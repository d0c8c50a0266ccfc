# One virtual environment in .venv, made once: it is made again when pyproject.toml or constraints.txt change.
VENV   := .venv
PYTHON := $(shell command -v python3.11 || command -v python3)
BIN    := $(VENV)/bin
READY  := $(VENV)/.installed

.PHONY: play setup check test test-long clean

play: $(READY)          ## set up, then make a treasure hunt and play it
	$(BIN)/ariadne play

setup: $(READY)         ## set up only

test: check             ## all checks: format, lint, types, tests
	$(BIN)/pytest -n auto -m "not long"

test-long: $(READY)     ## the long ones: many games, kill loops
	$(BIN)/pytest -n auto -m long

check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy -p ariadne

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, not " + sys.version.split()[0])'
	$(PYTHON) -m venv $(VENV)
	PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/pip install --quiet -c constraints.txt -e '.[textworld,express,embeddings,networkx,llm,plots,ray,dev]'
	@touch $@

clean:                  ## forget the virtual environment and all caches
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis *.egg-info
