# What people run. Each target may be run again at any time; what stands is left alone.
PYTHON ?= python3
BIN := .venv/bin
# Images for containers often forbid Python to keep what it has compiled; then every process would
# compile all our sources anew, a fifth of the time that a command takes to start.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: install demo up test lint bench soak catalogues lock

install: .venv/.installed catalogues

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Madang needs Python 3.11 or newer; set PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv .venv

.venv/.installed: pyproject.toml constraints.txt | .venv/bin/python
	@echo "Installing Madang into .venv (about 3 minutes the first time) …"
	$(BIN)/pip install --progress-bar on -q -c constraints.txt -e .
	@touch $@

.venv/.installed-dev: pyproject.toml constraints.txt | .venv/bin/python
	@echo "Installing what the tests need into .venv …"
	$(BIN)/pip install --progress-bar on -q -c constraints.txt -e '.[dev]'
	@touch $@ .venv/.installed

# Compiled message catalogues are made, not kept: they cannot go stale.
catalogues: .venv/.installed
	@for each in community/locale community/*/locale; do \
		$(BIN)/pybabel --quiet compile --domain django --directory $$each || exit 1; done

demo: install
	$(BIN)/madang demo

up: install
	$(BIN)/madang up

lint: .venv/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy

test: .venv/.installed-dev catalogues lint
	$(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder -m 'not soak'

soak: .venv/.installed-dev catalogues
	$(BIN)/pytest -v -n 2 --dist worksteal -m soak

bench: .venv/.installed-dev catalogues
	@for each in benchmarks/*.py; do echo "== $$each"; $(BIN)/python $$each || exit 1; done

# Write down the versions that were tested, for CI and for `make install`.
lock: .venv/.installed-dev
	$(BIN)/pip freeze --exclude-editable | grep -v '^torch' > constraints.txt
