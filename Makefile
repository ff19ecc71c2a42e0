# make run    start everything on this machine and show it     make demo   one demonstration, checked, and stop
# make test   everything CI runs                               make setup  only install
#
# Needs Python >= 3.11 with venv, make, and the network for the first run. The rest is installed into this folder:
# Python packages into .venv, browser parts into node_modules. Data are kept in var.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup run demo manage test fuzz fuzz-verifiers bench bench-proof bench-intake bench-peers bench-examine
.PHONY: bench-redaction lint openapi verifier verifier-html secrets browser oracles pdf-checkers verapdf card clean

PYTHON ?= python3
UV_VERSION := 0.13.9
BIN := .venv/bin
# The venv's own Python, whatever other versions the machine has; never one from the network.
UV := UV_PYTHON=$(BIN)/python UV_PYTHON_DOWNLOADS=never UV_NO_PROGRESS=1 $(BIN)/uv
PYTHON_READY := .venv/.ready-python
NODE_READY := node_modules/.ready-node

help:
	@sed -n 's/^# //p;/^#$$/q' Makefile

setup: $(PYTHON_READY) $(NODE_READY)

$(PYTHON_READY): pyproject.toml uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Unbroken needs Python 3.11 or newer; '$(PYTHON)' is older. Name another: make PYTHON=python3.12 $(MAKECMDGOALS)"; \
	  exit 1; }
	@echo "Installing Python packages into .venv …"
	@$(BIN)/uv --version 2>/dev/null | grep -qw "uv $(UV_VERSION)" || { \
	  $(PYTHON) -m venv .venv || { echo "Python's venv is missing; on Debian: apt-get install python3-venv"; exit 1; }; \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION); }
	@$(UV) sync --frozen --all-extras --inexact --compile-bytecode --quiet
	@touch $@

# The machine's npm if there is one, else the one that came with the Python packages.
$(NODE_READY): package.json package-lock.json .npmrc | $(PYTHON_READY)
	@echo "Installing browser parts and fonts into node_modules …"
	@if command -v node >/dev/null && command -v npm >/dev/null; then npm ci --silent; else $(BIN)/npm ci --silent; fi
	@touch $@

run: setup
	@$(BIN)/python manage.py up

# make demo FILES=/folder/with/evidence
demo: setup
	@$(BIN)/python manage.py up --once $(if $(FILES),--files "$(FILES)")

# Any other command, with the environment of the running system: make manage DO="check_vault"
manage: setup
	@set -a; . "$${UNBROKEN_DATA:-var}/run/environment"; set +a; $(BIN)/python manage.py $(DO)

lint: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	@# Compared with the models alone; the warning that no database answers is beside the point.
	UNBROKEN_SECRET_KEY=lint DATABASE_URL=postgresql://127.0.0.1:1/none \
	  $(BIN)/python -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run

# The description of the API for readers without a server; a test compares it.
openapi: setup
	@UNBROKEN_SECRET_KEY=openapi DATABASE_URL=postgresql://127.0.0.1:1/none \
	  $(BIN)/python manage.py spectacular --validate --fail-on-warn --file docs/openapi.yaml

test: lint browser oracles pdf-checkers card
	$(BIN)/python -m pytest -n 2 --dist load $(TESTS)

# The property tests with examples drawn anew, round after round, until one fails: make fuzz ROUNDS=50
ROUNDS ?= 10
fuzz: setup
	for round in $$(seq $(ROUNDS)); do \
	  $(BIN)/python -m pytest -q -n 2 --hypothesis-profile=default \
	    $$(grep -rl "^from hypothesis" tests --include=test_*.py) || exit 1; \
	done

# Measurements, one a line: figure NAME VALUE GOAL met|short. None fails. Sizes: make bench-proof ENTRIES=100000
# All of it in less than ten minutes; bench-proof alone makes a million entries.
bench: export ENTRIES ?= 100000
bench: bench-redaction bench-examine bench-intake bench-proof
BENCH := $(BIN)/python -m tests.bench
bench-proof: setup
	@$(BENCH).proof
bench-intake: setup bench-peers
	@$(BENCH).vault
	@$(BENCH).intake
# age and hashdeep, which intake is measured against. Where they cannot be installed, a note says so.
bench-peers:
	@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && ! { command -v age && command -v hashdeep; } >/dev/null; then \
	  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
	    age hashdeep; } >/dev/null 2>&1 || echo "age and hashdeep could not be installed."; \
	fi
bench-examine: setup
	@$(BENCH).examine
bench-redaction: setup
	@$(BENCH).redaction

# Chromium for the browser tests. Where it cannot be installed, those tests name themselves as not run.
browser: setup
	@if ! command -v chromium >/dev/null && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "Installing Chromium for the browser tests …"; \
	  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium; } \
	    >/dev/null 2>&1 || echo "Chromium could not be installed."; \
	fi

# Other people's programs that check ours: Go's transparency log. Where they cannot be installed, their tests say so.
oracles:
	@if ! command -v go >/dev/null && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "Installing Go, which checks our log in the tests …"; \
	  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
	    golang-go golang-golang-x-mod-dev; } >/dev/null 2>&1 || echo "Go could not be installed."; \
	fi

# veraPDF's parts and pdfsig for the tests of reports. Where they cannot be installed, those tests name themselves as not run.
pdf-checkers: setup
	@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
	  ! { command -v javac && command -v pdfsig && [ -f /usr/share/java/jaxb-runtime.jar ]; } >/dev/null; then \
	  echo "Installing checkers of PDF …"; \
	  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
	    default-jdk-headless libjaxb-java poppler-utils; } >/dev/null 2>&1 || echo "The checkers of PDF could not be installed."; \
	fi

# A report as archives and screen readers see it, PDF/A-3a and PDF/UA-1: make verapdf REPORT=report.pdf
verapdf: pdf-checkers
	@$(BIN)/python tools/verapdf.py "$(REPORT)"

# SoftHSM2 stands for a card in the tests of keys on cards; elsewhere they name themselves as not run.
card: setup
	@if ! command -v softhsm2-util >/dev/null && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "Installing SoftHSM2 for the tests of keys on cards …"; \
	  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends softhsm2; } \
	    >/dev/null 2>&1 || echo "SoftHSM2 could not be installed."; \
	fi

# The offline verifier alone, as one file for other people's machines; the same bytes from the same sources.
verifier: setup
	@$(BIN)/python -m custody.proof.build_zipapp

# The same verifier, written a second time, as one page for a browser: prints its SHA-256, which is to be published.
verifier-html: setup
	@$(BIN)/python -m tools.build_html_verifier

# Changed reports for both verifiers, which must agree and accept none: make fuzz-verifiers COUNT=100000 SEED=7
COUNT ?= 10000
SEED ?= 1
fuzz-verifiers: setup
	@$(BIN)/python -W ignore -m tests.proof_html.fuzz --count $(COUNT) --seed $(SEED)

# The files that docker-compose.yml reads its secrets from; those that are there stay.
secrets:
	@$(PYTHON) tools/make_secrets.py "$${UNBROKEN_SECRETS:-secrets}"

clean:
	rm -rf .venv node_modules dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
