# `make` sets everything up and runs the default study; `make test` sets up and runs the tests.

PYTHON ?= python3
# Where the CPU build of torch comes from on Linux; `make TORCH_INDEX=` takes PyPI's CUDA build.
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu

bin := .venv/bin
# snakefmt looks for shfmt there
export PATH := $(CURDIR)/$(bin):$(PATH)
pip := $(bin)/python -m pip install --disable-pip-version-check --quiet
ready := .venv/ready
# the release whose rule XTREME's numbers follow, for tests only; .venv has a newer one of its own
old_seqeval := .venv/oracles/seqeval-0.0.12

.PHONY: run test check setup clean
.DEFAULT_GOAL := run

run: $(ready)
	$(bin)/polystilts run

test: check $(old_seqeval)/ready
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
	@echo "installing the packages of envs/lock.txt into .venv"
	$(pip) --no-deps --retries 1 --timeout 15 \
		$(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX)) "$$(grep '^torch==' envs/lock.txt)"
	$(pip) -r envs/lock.txt
	$(pip) --no-deps --no-build-isolation --editable .
	touch $(ready)

$(old_seqeval)/ready: $(ready)
	rm -rf $(old_seqeval)
	if $(pip) --no-deps --retries 1 --timeout 15 --target $(old_seqeval) seqeval==0.0.12; \
	then touch $@; \
	else echo "WARNING: no seqeval 0.0.12; the tests that compare with it will be SKIPPED"; fi

clean:
	rm -rf .venv
