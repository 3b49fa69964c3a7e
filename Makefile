# Every target makes what it needs, on a fresh clone with nothing but Python 3.11 or newer, pip and make.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READ_ONLY := PYTHONDONTWRITEBYTECODE=1
PYTEST := $(READ_ONLY) $(BIN)/python -m pytest -p no:cacheprovider

.PHONY: run test install check gate baseline format bench clean help

help:
	@echo "make run       prove the twins equal, train them, print and draw what was found (about six minutes)"
	@echo "make test      run the tests"
	@echo "make check     lint, formatting, types, import directions; changes nothing"
	@echo "make gate      run the fair duel and hold it to accuracy, equality and the baseline's speed (four minutes)"
	@echo "make bench     time an update of each contender, interleaved"
	@echo "make baseline  renew results/baseline and the README's figures from it (a quarter of an hour)"
	@echo "make format    format and mend what can be mended"
	@echo "make install   install everything into .venv, no more"
	@echo "make clean     remove the virtual environment"

run: $(VENV)/installed
	$(BIN)/python -m bench run

test: $(VENV)/installed
	$(PYTEST) --numprocesses auto --dist loadfile --no-loadscope-reorder

install: $(VENV)/installed

check: $(VENV)/installed
	$(BIN)/ruff check --no-cache .
	$(BIN)/ruff format --no-cache --check .
	$(BIN)/mypy
	$(PYTEST) -q tests/whole/test_architecture.py

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
	rm -rf $(VENV)

$(VENV)/installed: pyproject.toml constraints.txt
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'Python 3.11 or newer is needed, this is ' + sys.version)"
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@
