# jiancha (监察). `make help` lists the targets.

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$p" && break; done)
BIN := .venv/bin
WORKERS ?= 2
KAFKA_PACKAGES := default-jre-headless maven
export WITHOUT

# A stamp is named after what was installed, so a second run does nothing and a changed lock installs again.
sum_of = $(shell cat $(1) pyproject.toml | cksum | cut -d ' ' -f 1)
RUN_STAMP := .venv/installed/run-$(call sum_of,requirements.lock)
DEV_STAMP := .venv/installed/dev-$(call sum_of,requirements-dev.lock)
# Without compiling: what is imported is compiled at its first import, and most never is.
INSTALL := $(BIN)/pip install --quiet --no-compile --disable-pip-version-check
COMPILE := $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
	--no-annotate --no-header --group build

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test check check-lint check-format check-types check-imports check-docs \
	bench soak kafka kafka-parts lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

run: $(RUN_STAMP) ## install what is locked and start the monitor with the sample city (ARGS="--port 8700")
	$(BIN)/jiancha up --sample $(ARGS)

test: $(DEV_STAMP) kafka-parts ## every test (PYTEST_ARGS="-k clocks", WITHOUT=kafka, SEED=42, WORKERS=4)
	$(BIN)/pytest -n $(WORKERS) $(PYTEST_ARGS)

check: check-lint check-format check-types check-imports check-docs ## lint, format, types, import direction, docs

check-lint: $(DEV_STAMP)
	$(BIN)/ruff check .

check-format: $(DEV_STAMP)
	$(BIN)/ruff format --check .

check-types: $(DEV_STAMP)
	$(BIN)/mypy

check-imports: $(DEV_STAMP)
	$(BIN)/lint-imports

check-docs: $(DEV_STAMP)
	$(BIN)/pytest --quiet tests/unit/test_house.py

bench: $(DEV_STAMP) ## measure against the floors, everything in one run (ARGS="…")
	$(BIN)/python -m tests.bench $(ARGS)

soak: $(DEV_STAMP) kafka-parts ## the property, hostile-input and kill tests with full counts (hours)
	SOAK=1 $(BIN)/pytest -n $(WORKERS) -m soak --timeout=0 $(PYTEST_ARGS)

kafka: kafka-parts ## start the Apache Kafka of deploy/kafka on 127.0.0.1
	deploy/kafka/kafka.sh start

kafka-parts:
	@case " $(WITHOUT) " in *kafka*) exit 0;; esac; \
	if command -v java >/dev/null && command -v mvn >/dev/null; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -yqq --no-install-recommends $(KAFKA_PACKAGES); \
	else \
		echo "Kafka needs java 17 and mvn: install $(KAFKA_PACKAGES), or say WITHOUT=kafka" >&2; exit 1; \
	fi

lock: $(DEV_STAMP) ## write the lock files anew (ARGS=--upgrade takes the newest versions)
	$(COMPILE) $(ARGS) --output-file requirements.lock
	$(COMPILE) $(ARGS) --group dev --constraint requirements.lock --output-file requirements-dev.lock

clean: ## remove the environment and every cache, never the state of a monitor
	rm -rf .venv build *.egg-info .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache

$(BIN)/pip:
	@[ -n "$(PYTHON)" ] || { echo "jiancha needs Python 3.11 or newer; name it: make PYTHON=/path/to/python" >&2; exit 1; }
	"$(PYTHON)" -m venv .venv

$(RUN_STAMP): | $(BIN)/pip
	$(INSTALL) --require-hashes --requirement requirements.lock
	$(INSTALL) --no-deps --no-build-isolation --editable .
	@mkdir -p $(@D) && touch $@

$(DEV_STAMP): | $(BIN)/pip
	$(INSTALL) --require-hashes --requirement requirements-dev.lock
	$(INSTALL) --no-deps --no-build-isolation --editable .
	@mkdir -p $(@D) && touch $@ $(RUN_STAMP)
