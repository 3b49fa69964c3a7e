# Every target makes what it needs, on a fresh clone with nothing but Python 3.11 or newer, pip and make.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READ_ONLY := PYTHONDONTWRITEBYTECODE=1
TESTS ?= -m "not whole"
PYTEST := $(READ_ONLY) $(BIN)/python -m pytest -p no:cacheprovider

.PHONY: run test install lint check docs gate baseline format bench clean help

help:
	@echo "make run       prove the twins equal, train them, print and draw what was found (about six minutes)"
	@echo "make test      run the tests; with TESTS= also those that take minutes, as CI does"
	@echo "make lint      style, formatting, types, import directions; changes nothing"
	@echo "make docs      build the documentation site into site/, strictly"
	@echo "make gate      run the fair duel and test accuracy, equality and speed against the baseline (four minutes)"
	@echo "make bench     time an update of each contender, interleaved"
	@echo "make baseline  renew results/baseline and the figures in README and docs (five runs: half an hour)"
	@echo "make format    format and fix what can be fixed"
	@echo "make install   install everything into .venv"
	@echo "make clean     remove the virtual environment and the built site"

run: $(VENV)/installed
	$(BIN)/python -m bench run

test: $(VENV)/installed
	$(PYTEST) $(TESTS) --numprocesses auto --dist loadfile --no-loadscope-reorder

install: $(VENV)/installed

lint: $(VENV)/installed
	$(BIN)/ruff check --no-cache .
	$(BIN)/ruff format --no-cache --check .
	$(BIN)/mypy
	$(PYTEST) -q tests/whole/test_architecture.py

# The name of `lint` in the last release; the gate is `bench check`.
check: lint

docs: $(VENV)/docs-installed
	NO_MKDOCS_2_WARNING=1 $(READ_ONLY) $(BIN)/python -m mkdocs build --strict --clean
	@echo "site/index.html"

gate: $(VENV)/installed
	$(BIN)/python -m bench check

baseline: $(VENV)/installed
	$(BIN)/python -m bench baseline

format: $(VENV)/installed
	$(BIN)/ruff format --no-cache .
	$(BIN)/ruff check --no-cache --fix .

bench: $(VENV)/installed
	$(PYTEST) -q -s -W default --benchmark-columns=min,median,max,iqr,rounds --benchmark-sort=fullname \
		--benchmark-group-by=fullfunc benchmarks/bench_update.py

clean:
	rm -rf $(VENV) site

$(VENV)/installed: pyproject.toml constraints.txt
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'Python 3.11 or newer is needed, this is ' + sys.version)"
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@

# The site needs its own tools and the packages' sources, not TensorFlow: its stamp is independent of `installed`.
$(VENV)/docs-installed: pyproject.toml constraints.txt
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'Python 3.11 or newer is needed, this is ' + sys.version)"
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[docs]'
	touch $@
