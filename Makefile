# Two commands do all the set-up on a machine that has Python 3.11 or newer, and make:
#
#   make run    everything, and then the bank serves
#   make test   everything, and then all tests
#
# Both may be said again at any time; what is there already is not made again. Targets are words,
# never paths, so the folder may have spaces in its name.

SHELL := /bin/sh
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help run test lint format lock set-up new-package
BIN := .venv/bin

help: ## this list
	@echo "make COMMAND, where COMMAND is one of"
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  \1|\2/p' Makefile | awk -F'|' '{printf "%-14s %s\n", $$1, $$2}'

run: set-up ## set everything up and serve the bank on http://localhost:8000
	@exec $(BIN)/jiuding up

test: lint ## check style and import contracts, then run the whole test suite
	@$(BIN)/python -m pytest

lint: set-up ## check style, formatting and import contracts
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@said=$$($(BIN)/lint-imports --no-cache 2>&1) || { echo "$$said"; exit 1; }

format: set-up ## rewrite the code in the house's form
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format --quiet .

set-up: ## only make .venv what requirements.lock says
	@sh tools/set_up

# The lock carries hashes for every platform and Python from 3.11 on, and no addresses. It is the
# one step that wants `uv` (`.venv/bin/pip install uv`), because pip locks for one machine only.
lock: set-up ## write requirements.lock anew from pyproject.toml
	@PATH="$$PWD/$(BIN):$$PATH"; command -v uv >/dev/null || { \
	    echo "make lock needs uv: install it with .venv/bin/pip install uv." >&2; exit 1; }; \
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 \
	    --generate-hashes --no-header --no-annotate --no-emit-index-url \
	    --quiet --output-file requirements.lock

# Both forms work: `make new-package TIER=services NAME=payments`, `make new-package services payments`.
ifeq (new-package,$(firstword $(MAKECMDGOALS)))
TIER ?= $(word 2,$(MAKECMDGOALS))
NAME ?= $(word 3,$(MAKECMDGOALS))
WORDS := $(filter-out $(firstword $(MAKECMDGOALS)),$(MAKECMDGOALS))
.PHONY: $(WORDS)
$(WORDS):
	@:
endif
new-package: set-up ## lay out a new package: make new-package TIER NAME
	@$(BIN)/python tools/new_package.py "$(TIER)" "$(NAME)"
