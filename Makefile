# make run     virtual environment, install, start on the synthetic camera, print the addresses
# make test    the same environment with the tools for tests, then pytest
# make check   format, lint, types, tests: what CI runs
# make bench   the benchmarks, as one table
# make train   the built-in detector from nothing: pictures, learning, package, its figures
# make lock    pin all dependencies anew (needs the network)
# make image   the container image
# make clean   remove the environment
#
# PYTHON=python3.12 make run   with another Python, 3.11 or newer; VENV=DIR for another place

PYTHON ?= python3
VENV ?= .venv
CONFIG ?= configs/default.toml
IMAGE ?= retinue
PIP := $(VENV)/bin/python -m pip --disable-pip-version-check
INSTALL := $(VENV)/bin/python -m cli.installation
# TESTS: what to give to pytest, as in: make test TESTS="tests/cli -k lock"
TESTS ?=

.PHONY: run test check bench train lock image clean
.DELETE_ON_ERROR:

run: $(VENV)/.installed
	@exec $(VENV)/bin/retinue up -c $(CONFIG)

test: $(VENV)/.installed-dev
	$(VENV)/bin/python -m pytest $(TESTS)

check: $(VENV)/.installed-dev
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(MAKE) test

bench: $(VENV)/.installed-dev
	$(VENV)/bin/python -m benchmarks

# Goes on where it was interrupted; `rm -r training/runs` starts over. A GPU is used if there is one.
train: $(VENV)/.installed-training
	$(VENV)/bin/python -m training generate
	$(VENV)/bin/python -m training train
	$(VENV)/bin/python -m training export
	$(VENV)/bin/python -m training evaluate

# The stamps make a second run instant: pip is asked again only when a lock file changed.
$(VENV)/.installed: requirements.lock pyproject.toml | $(VENV)/bin/pip
	@$(INSTALL) requirements.lock
	@echo "retinue itself ..."
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	@$(INSTALL) requirements-dev.lock
	@touch $@

# Apart from the rest: nothing else needs PyTorch. Dependency groups need a newer pip than Python's.
$(VENV)/.installed-training: pyproject.toml $(VENV)/.installed
	$(PIP) install --quiet --upgrade 'pip>=25.1'
	$(PIP) install --quiet --group training
	touch $@

$(VENV)/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "retinue: Python 3.11 or newer is needed ($(PYTHON) is not): PYTHON=python3.12 make …" >&2; \
	  exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || { \
	  echo "retinue: $(PYTHON) cannot make virtual environments:" \
	    "apt-get install python3-venv make" >&2; exit 1; }
	@echo "environment in $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)

# --universal: one lock for amd64 and arm64 and for every Python that is supported.
UV := $(VENV)/bin/uv pip compile --quiet --universal --upgrade --python-version 3.11 \
      --no-annotate --custom-compile-command "make lock"
lock: | $(VENV)/bin/pip
	$(PIP) install --quiet uv
	echo 'setuptools>=77' | $(UV) pyproject.toml - --output-file requirements.lock
	$(UV) --group dev --group bench --constraint requirements.lock \
	  --output-file requirements-dev.lock

image:
	docker build --tag $(IMAGE) .

clean:
	rm -rf $(VENV)
