PYTHON ?= python3
.PHONY: broken-laws chaos fuzz setup demo lint test test-fast test-engine test-local-aws test-end-to-end down lock wheel
.NOTPARALLEL:

setup:
	@$(PYTHON) -m scripts.bootstrap setup
demo: setup
	.venv/bin/lakehouse up
	.venv/bin/lakehouse run ecommerce --data-dir sample/ecommerce
down:
	.venv/bin/lakehouse down

lint:
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	PYTHONPATH=plugins .venv/bin/lint-imports

# Which tests run where: CONTRIBUTING.md.
of_airflow = $(wildcard tests/test_*.py tests/broken_laws tests/oracle tests/scripts tests/orchestration tests/dags tests/lakehouse/cli \
	tests/lakehouse/operations tests/lakehouse/recorder tests/lakehouse/simulate/coinbase laptop/tests)
of_engine = tests/lakehouse --ignore tests/lakehouse/cli --ignore tests/lakehouse/operations --ignore tests/lakehouse/recorder \
	--ignore tests/lakehouse/simulate/coinbase
end_to_end = $(wildcard tests/end_to_end)

test: setup test-fast test-engine test-local-aws test-end-to-end
	.venv/bin/coverage report
test-fast:
	.venv/bin/python -m pytest -q --cov --cov-report= $(of_airflow)
test-engine:
	.venv-glue/bin/python -m pytest -q --cov --cov-append --cov-report= $(of_engine) -m "not spark"
	.venv-glue/bin/python -m pytest -q --cov --cov-append --cov-report= $(of_engine) -m spark
test-local-aws:
	.venv/bin/python -m pytest -q local_aws/tests
test-end-to-end:
	$(if $(end_to_end),.venv/bin/python -m pytest -q $(end_to_end))

# Read mutations of the hostile files for some minutes; `make fuzz SEED=2 EXAMPLES=1000`.
SEED ?= 1
EXAMPLES ?= 50000
fuzz:
	@mkdir -p build; .venv-glue/bin/python -m tests.lakehouse.ingestion.fuzz --cases --seed $(SEED) --count $(EXAMPLES) > build/fuzz.log; \
	status=$$?; tail -n 1 build/fuzz.log; exit $$status

# Kill runs at 200 calls and compare all tables with a clean load, about an hour; `make chaos POINTS=20 CHAOS_SEED=7`.
POINTS ?= 200
CHAOS_SEED ?= 4
chaos:
	@mkdir -p build
	LAKEHOUSE_CHAOS_POINTS=$(POINTS) LAKEHOUSE_CHAOS_SEED=$(CHAOS_SEED) LAKEHOUSE_CHAOS_REPORT=build/chaos.json \
		.venv-glue/bin/python -m pytest -q -s tests/lakehouse/chaos

# Break each law on purpose, in a copy of the checkout, and see a test fail; `make broken-laws LAW=order`.
LAW ?=
broken-laws:
	.venv/bin/python -m tests.broken_laws "$(LAW)"

lock:
	$(PYTHON) -m scripts.bootstrap lock
wheel:
	.venv/bin/python -m hatchling build -t wheel
