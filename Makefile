.PHONY: setup demo test lint down
setup:
	@python3 -m scripts.bootstrap setup
demo: setup
	.venv/bin/lakehouse up
	.venv/bin/lakehouse run ecommerce --data-dir sample/ecommerce
test: setup
	.venv/bin/python -m pytest -q tests/oracle tests/scripts tests/lakehouse/simulate tests/lakehouse/storage/bucket
lint:
	.venv/bin/ruff check lakehouse dags
	PYTHONPATH=plugins:local_aws/src:laptop/src:. .venv/bin/lint-imports
down:
	.venv/bin/lakehouse down
