# Almoner: `make help` lists what can be made. Everything happens inside this folder, in .venv and demo/.

SHELL := /bin/bash
.DEFAULT_GOAL := help

PEOPLE ?= 10000
SEED ?= 1
WORKSPACE ?= demo
PYTEST_ARGS ?=
LOCK_ARGS ?=
export PEOPLE SEED WORKSPACE LOCK_ARGS

BIN := .venv/bin

.PHONY: help setup demo test check bench serve lock clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Build .venv from the lock, if it is not up to date
	@scripts/setup.sh

demo: setup ## Build a synthetic borough in demo/ and everything made of it (PEOPLE=, SEED=, WORKSPACE=)
	@scripts/demo.sh

test: setup ## Run the tests (PYTEST_ARGS='-k gate')
	@scripts/setup_browser.sh
	@scripts/with_postgres.sh $(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

check: setup ## Check style, types, layers, security, and that generated files are current
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive src
	@scripts/semgrep.sh
	$(BIN)/almoner registry schema --check
	$(BIN)/almoner docs --check

bench: setup ## Measure speed, memory, the cost of the gate and linkage beside its peers; prints JSON
	@scripts/setup_bench.sh
	@$(BIN)/python -m bench

serve: setup ## Serve the web application over demo/ on this machine only (WORKSPACE=)
	@$(BIN)/almoner serve --workspace $(WORKSPACE)

lock: ## Write requirements.lock anew from pyproject.toml (LOCK_ARGS=--upgrade); needs uv
	@scripts/lock.sh

clean: ## Remove .venv and caches; demo/ and other workspaces stay
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find src tests bench -type d -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true
