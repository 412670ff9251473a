# Every command a newcomer needs. `make run` and `make test` do all set-up themselves.
HOST ?= 127.0.0.1
PORT ?= 8000
PYTHON ?= python3
WORKERS ?= 1
BIN := .venv/bin
export HINDSIGHT_SITE_URL ?= http://$(HOST):$(PORT)

.DEFAULT_GOAL := help
.PHONY: help run test check bench lock clean

help: ## Show what can be done
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/make \1\t\2/' | expand -t 14

.venv/.run: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Hindsight needs Python 3.11 or newer: make PYTHON=python3.12 run"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

.venv/.dev: .venv/.run requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

run: .venv/.run ## Serve the site on http://127.0.0.1:8000 with demo data (HOST and PORT change the address)
	@$(BIN)/flask --app app db upgrade
	@$(BIN)/flask --app app seed --if-empty
	@echo "Hindsight is on http://$(HOST):$(PORT)  (Ctrl-C ends it)"
	@PYTHONDONTWRITEBYTECODE= MALLOC_ARENA_MAX=2 exec $(BIN)/python serve.py --interface wsgi --factory --host $(HOST) --port $(PORT) --workers $(WORKERS) \
		--http 1 --http1-header-read-timeout 5000 --http1-buffer-size 16384 --backpressure 1024 --blocking-threads 352 \
		--no-ws --log-level error --workers-kill-timeout 30 app:create_app

test: .venv/.dev ## Run every test, in a real browser too
	@tests/browser/ensure-chromium
	$(BIN)/python -m pytest -n 2 --dist loadfile

check: .venv/.dev ## Format, lint and types: what a change must pass beside the tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: .venv/.run ## Measure the site beside yardsticks and print one table (needs wrk)
	$(BIN)/python -m bench

lock: ## Pin the packages of pyproject.toml anew, with hashes (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url -q pyproject.toml -o requirements.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url -q pyproject.toml --extra dev -c requirements.txt -o requirements-dev.txt

clean: ## Remove what the commands above made, but not the site's data
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache htmlcov .coverage
