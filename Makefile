# make help      what there is
# Needs Python 3.11 to 3.13, make and git; everything else goes into .venv and stays in this folder.

VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.installed
SPARK  := $(VENV)/.installed-spark
CITY   := .sample/community-1
DATA   ?= $(CITY)
CONFIG ?= $(DATA)/config
TIER   ?= pilot
PORT   ?= 3000
SEEDS  ?= 1 2 3
KILLS  ?= 200
MUTATIONS ?= 5000
ERASURES ?= 40
NIGHTS ?= 7
SEED   ?= 1

# the first interpreter that runs, is new enough and can make an environment
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	$$p -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null \
	&& echo $$p && break; done)

# absolute, since tools change their folder; := so that another project's instance is never used by accident
export DAGSTER_HOME := $(CURDIR)/.dagster
INSTANCE := .dagster/dagster.yaml
export GX_ANALYTICS_ENABLED := False
export VIRTUAL_ENV := $(CURDIR)/$(VENV)

.PHONY: help setup sample merge ui test check format bench validation performance faults clients truth nights accuracy linking febrl spark lock clean

help: ## show this list
	@grep -E '^[a-z]+:.*##' $(firstword $(MAKEFILE_LIST)) | sed -E 's/:[^#]*## /\t/' | expand -t 10

setup: $(READY) ## install the locked packages into .venv

$(READY): requirements.lock pyproject.toml
	@test -x $(BIN)/python || test -n "$(PYTHON)" || { \
		echo "Python 3.11, 3.12 or 3.13 with its venv module is needed; none was found on the PATH."; \
		echo "Install one (Debian, Ubuntu: apt install python3-venv), or name it: make PYTHON=/path/to/python3.12"; \
		exit 1; }
	@test -x $(BIN)/python || { echo "· making $(VENV) with $$($(PYTHON) --version)"; $(PYTHON) -m venv $(VENV); }
	@echo "· installing the locked packages (a few minutes on the first time)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(INSTANCE): | pipelines/dagster.yaml
	@mkdir -p $(@D) && cp pipelines/dagster.yaml $@

sample: $(CITY)/.complete ## make the sample city, once

$(CITY)/.complete: | $(READY)
	@echo "· making up the sample city in $(CITY)"
	@rm -rf $(CITY) $(CITY)-truth
	@$(BIN)/community-register sample --tier community --seed 1 --out $(CITY) --truth $(CITY)-truth
	@touch $@

merge: $(READY) $(CITY)/.complete ## load every company and merge the night: DATA=… CONFIG=… for another city
	@$(BIN)/community-register merge --data $(DATA) --config $(CONFIG)

ui: $(READY) $(CITY)/.complete ## the operators' page with schedule and sensors, on 127.0.0.1: PORT=3000
	@$(BIN)/community-register ui --data $(DATA) --config $(CONFIG) --port $(PORT)

test: $(READY) ## run the tests
	@$(BIN)/python -m pytest

check: $(READY) $(INSTANCE) ## lint, format, types, Dagster definitions, docs
	@echo "· ruff";  $(BIN)/ruff check . && $(BIN)/ruff format --check --quiet .
	@echo "· mypy";  $(BIN)/mypy --no-error-summary
	@echo "· definitions"; $(BIN)/dg check defs --log-level warning
	@echo "· docs";  $(BIN)/python -m pytest tests/unit/test_layers.py tests/unit/docs

format: $(READY) ## put the code into its form
	@$(BIN)/ruff check --fix --quiet . && $(BIN)/ruff format --quiet .

bench: $(READY) ## time and memory of whole nights: TIER=community|pilot_quarter|pilot|city_third|city
	@$(BIN)/python -m benchmarks.bench --tier $(TIER)

performance: $(READY) ## docs/performance.md from the figures of bench
	@$(BIN)/python -m benchmarks.report

validation: $(READY) ## what validation adds to a night, in time and memory: TIER=pilot
	@$(BIN)/python -m benchmarks.validation --tier $(TIER)

faults: $(READY) ## kill nights and erasures under readers' eyes, damage deliveries: KILLS=200 MUTATIONS=5000 ERASURES=40
	@$(BIN)/python -m benchmarks.faults --kills $(KILLS) --mutations $(MUTATIONS) --erasures $(ERASURES)

clients: merge ## read the sample's release with DuckDB 1.2 and 2.0
	@$(BIN)/python -m benchmarks.clients --data $(DATA)

truth: $(READY) ## compare every row's outcome and every entity with the made-up truth: SEEDS="1 2 3"
	@$(BIN)/python -m benchmarks.truth --seeds $(SEEDS)
	@$(BIN)/python -m benchmarks.accuracy --seeds $(SEEDS)

nights: $(READY) ## seven nights: ids last, every change has a cause, each night equals a rebuild: NIGHTS=7 SEED=1
	@$(BIN)/python -m benchmarks.nights --nights $(NIGHTS) --seed $(SEED)

lock: $(READY) ## resolve pyproject.toml into requirements.lock and requirements-spark.lock anew
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras \
		--no-emit-index-url --no-emit-find-links --no-header --extra dev pyproject.toml -o requirements.lock
	@$(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["spark"], sep="\n")' \
		| $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras \
		--no-emit-index-url --no-emit-find-links --no-header - -o requirements-spark.lock

accuracy: TIER := community
accuracy: $(READY) ## records put together against the truth, beside other systems: TIER=community SEEDS="1 2 3"
	@$(BIN)/python -m benchmarks.accuracy --tier $(TIER) --seeds $(SEEDS)

linking: $(READY) ## time and memory of the residents' linking, beside stock Splink: TIER=community|pilot
	@$(BIN)/python -m benchmarks.linking --tier $(TIER)

$(SPARK): requirements-spark.lock $(READY)
	@echo "· installing Spark (500 MB, once)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-spark.lock
	@touch $@

spark: TIER := hamlet
spark: $(SPARK) ## two nights on Spark and on DuckDB, every table compared: TIER=hamlet|community|pilot; needs Java 17
	@$(BIN)/python -m benchmarks.spark --tier $(TIER)

febrl: $(READY) ## the public FEBRL sets through the same way of linking, beside stock Splink
	@$(BIN)/python -m benchmarks.febrl

clean: ## remove the sample city, the Dagster instance and caches; .venv and data stay
	@rm -rf .sample .dagster .pytest_cache .mypy_cache .ruff_cache .hypothesis build *.egg-info
