# `make` sets everything up and runs the default study; `make test` sets up and runs the tests.

PYTHON ?= python3
# More options for pip, for example a mirror: make PIP_OPTIONS="--index-url https://…"
PIP_OPTIONS ?=

bin := .venv/bin
ready := .venv/ready

.PHONY: run test check setup clean
.DEFAULT_GOAL := run

run: $(ready)
	$(bin)/polystilts run

test: check
	OMP_NUM_THREADS=1 $(bin)/python -m pytest

check: $(ready)
	$(bin)/ruff format --check .
	$(bin)/ruff check .
	$(bin)/mypy
	$(bin)/snakefmt --check Snakefile workflow/rules
	$(bin)/snakemake --lint

setup: $(ready)

# The stamp is written last: an installation that was interrupted is taken up again.
$(ready): envs/lock.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "polystilts needs Python 3.11 or newer")'
	$(PYTHON) -m venv .venv
	$(bin)/python -m pip install --disable-pip-version-check --quiet $(PIP_OPTIONS) -r envs/lock.txt
	$(bin)/python -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation --editable .
	touch $(ready)

clean:
	rm -rf .venv .snakemake
