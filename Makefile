PYTHON ?= python3.11
BIN := .venv/bin
RUN := .venv/.run
APP := .venv/.app
STAMP := .venv/.stamp
PIP := $(BIN)/python -m pip install --constraint constraints.txt
CHROMIUM := $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)
# The explorer's tests in a browser: auto runs them where Chromium is found, 1 requires it, 0 leaves them out.
E2E ?= auto

export OMP_NUM_THREADS ?= 1
# Tests start many processes: without cached bytecode each of them would compile the package again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup run app test chromium test-slow test-exhaustive test-browser test-core bench lint docs format clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## Install archspec with everything that its tests need into .venv (a second run installs nothing)

# What `make run` needs. pip shows what it fetches: torch takes a while.
$(RUN): pyproject.toml constraints.txt
	@echo "Installing archspec and torch into .venv: about 1 GB, one to three minutes (with CUDA, which PyPI's"
	@echo "torch for Linux brings, several GB more). The next run installs nothing."
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(PIP) --quiet hatchling editables
	$(PIP) --no-build-isolation --editable '.[torch]'
	touch $@

$(APP): $(RUN)
	@echo "Installing Streamlit, matplotlib and scikit-learn into .venv: about 0.5 GB more, a minute."
	$(PIP) --no-build-isolation --editable '.[torch,app,plot,learn]'
	touch $@

# torchvision, which only tests compare with, goes in without its dependencies: they would bring another build of torch.
$(STAMP): $(RUN)
	@echo "Installing the explorer, the other extras, and the tools and libraries of the tests: about 1.2 GB more, two to five minutes."
	$(PIP) --quiet setuptools
	$(PIP) --no-build-isolation --editable '.[all]'
	$(PIP) --quiet pillow
	$(PIP) --quiet --no-deps torchvision
	touch $(APP) $@

run: $(RUN) ## Lint, summarise and build ResNets of the gallery
	$(BIN)/archspec lint resnet
	$(BIN)/archspec summarize resnet50
	$(BIN)/archspec build resnet50 --batch 2

app: $(APP) ## Open the explorer in a browser
	$(BIN)/archspec app

test: chromium lint ## Check style, types and imports, run the quick tests, and the explorer's where Chromium is found
	$(BIN)/python -m pytest
	@if test "$(E2E)" = 0; then echo "LEFT OUT: the explorer's tests in a browser, by E2E=0"; \
	elif test -z "$(CHROMIUM)"; then echo "LEFT OUT: the explorer's tests in a browser. $(NO_CHROMIUM)"; \
	else $(BIN)/python -m pytest -m "browser and not slow" tests/e2e; fi

NO_CHROMIUM = Chromium is not installed; the package is chromium (apt-get install chromium, brew install chromium)

# First, so that nobody learns it after minutes: nothing of the system is installed here.
chromium:
	@test "$(E2E)" = 0 || test -n "$(CHROMIUM)" || echo "The explorer's tests in a browser cannot run. $(NO_CHROMIUM)"
	@test "$(E2E)" != 1 || test -n "$(CHROMIUM)"

test-slow: $(STAMP) ## Run the slow tests, with a fixed sample of the long series
	$(BIN)/python -m pytest -m "slow and not exhaustive"

test-exhaustive: $(STAMP) ## Run all slow tests in full: 20,000 mutants, every variant, every size (more than an hour)
	LOAD_SECONDS=120 FUZZED_SECONDS=150 $(BIN)/python -m pytest -m slow

test-browser: E2E = 1
test-browser: chromium $(STAMP) ## Run the tests of the HTML page (needs Chromium)
	$(BIN)/python -m pytest -m browser tests/browser

# With the Python that PYTHON names, in an environment of its own: PyPI's torch for another version is several GB.
CORE = .venv-core/$(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])')

test-core: ## Run the quick tests that need no torch, with any Python: make test-core PYTHON=python3.13
	@echo "Installing archspec, its explorer and test tools, without torch, into $(CORE): about 1 GB, one to two minutes."
	test -x $(CORE)/bin/python || $(PYTHON) -m venv $(CORE)
	$(CORE)/bin/python -m pip install --quiet --constraint constraints.txt hatchling editables
	$(CORE)/bin/python -m pip install --quiet --constraint constraints.txt --no-build-isolation \
		--editable '.[lsp,plot,app,dev]'
	$(CORE)/bin/python -m pytest

bench: $(STAMP) ## Run every benchmark
	@for script in benchmarks/bench_*.py; do echo "$$script"; $(BIN)/python "$$script" || exit 1; done

lint: $(STAMP) ## Check style, types and imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(STAMP) ## Write the generated parts of the documentation
	$(BIN)/python docs/generate.py
	$(BIN)/python docs/draw.py

format: $(STAMP) ## Format the code and apply ruff's fixes
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean: ## Remove the environment, caches and builds
	rm -rf .venv .venv-core .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
