PYTHON ?= python3.11
BIN := .venv/bin
STAMP := .venv/.stamp

export OMP_NUM_THREADS ?= 1
# Tests start many processes: without cached bytecode each of them would compile the package again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup run app test test-slow test-exhaustive test-browser bench lint docs format clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## Install archspec and its tools into .venv (a second run installs nothing)

# torchvision, which only tests compare with, goes in without its dependencies: they would bring another build of torch.
$(STAMP): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --constraint constraints.txt hatchling editables setuptools
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --no-build-isolation --editable '.[all]'
	$(BIN)/python -m pip install --quiet --constraint constraints.txt numpy pillow
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --no-deps torchvision
	touch $(STAMP)

run: $(STAMP) ## Lint, summarise and build ResNets of the gallery
	$(BIN)/archspec lint resnet
	$(BIN)/archspec summarize resnet50
	$(BIN)/archspec build resnet50 --batch 2

app: $(STAMP) ## Open the explorer in a browser
	$(BIN)/archspec app

test: lint ## Check style, types and imports, then run the quick tests and the explorer's (E2E=0 skips the latter)
	$(BIN)/python -m pytest
	@test "$(E2E)" = 0 || { .ci/chromium && $(BIN)/python -m pytest -m "browser and not slow" tests/e2e; }

test-slow: $(STAMP) ## Run the slow tests, with a fixed sample of the long series
	$(BIN)/python -m pytest -m "slow and not exhaustive"

test-exhaustive: $(STAMP) ## Run all slow tests in full: 20,000 mutants, every variant, every size (more than an hour)
	LOAD_SECONDS=120 FUZZED_SECONDS=150 $(BIN)/python -m pytest -m slow

test-browser: $(STAMP) ## Run the tests of the HTML page (needs Chromium)
	$(BIN)/python -m pytest -m browser tests/browser

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
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
