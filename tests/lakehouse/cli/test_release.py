"""`lakehouse release`: shows what it selects, then has Airflow judge it again."""

import re
from typing import Any

import pytest
from moto.athena.models import AthenaBackend
from typer.testing import CliRunner

from lakehouse.cli import release
from lakehouse.cli.dag_run import DagRun
from lakehouse.cli.failure import CommandError
from lakehouse.cli.main import app
from tests.lakehouse.cli.conftest import LayReady

BY_RULE = ["category", "rule", "row_count"]
POSITION = ["rule", "file", "sheet", "row"]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """Domain and configuration of the runs that were triggered."""
    runs: list[tuple[str, Any]] = []

    def run_dag(_console: object, domain: str, conf: dict[str, Any]) -> DagRun:
        runs.append((domain, conf))
        return DagRun("manual-1", "http://airflow.example/runs/manual-1", 12.0, [])

    monkeypatch.setattr(release, "run_dag", run_dag)
    return runs


def lakehouse(*words: str) -> str:
    result = CliRunner().invoke(app, ["release", *words], catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def asked(backend: AthenaBackend) -> list[str]:
    """The WHERE clause of each query, in order; empty where there is none."""
    queries = [execution.query for execution in backend.executions.values()]
    found = (re.search(r" (WHERE .*?) (?:GROUP|ORDER) BY", query) for query in queries)
    return [match.group(1) if match else "" for match in found]


def test_a_dry_run_shows_counts_and_places_and_starts_nothing(
    lay_ready: LayReady, started: list[Any]
) -> None:
    lay_ready(BY_RULE, ["schema", "type:total_amount", "3"])
    lay_ready(POSITION, ["type:total_amount", "s3://lake/raw/orders/april.csv", "", "17"])

    told = lakehouse("ecommerce.orders", "--rule", "type:total_amount", "--dry-run")

    assert re.search(r"schema +type:total_amount +3", told)
    assert re.search(r"type:total_amount +s3://lake/raw/orders/april\.csv +17", told)
    assert "Nothing is released. Correct the rule" in told
    assert started == []


def test_the_dag_releases_the_selection_and_what_is_left_is_shown(
    lay_ready: LayReady, started: list[Any]
) -> None:
    lay_ready(BY_RULE, ["schema", "type:total_amount", "3"])
    lay_ready(BY_RULE, ["quality", "duplicate_key", "9"])

    told = lakehouse(
        "ecommerce.silver.orders", "--category", "schema", "--file", "april.csv", "--run-id", "manual__06:00"
    )

    selection = {"table": "orders", "category": "schema", "file": "april.csv", "run_id": "manual__06-00"}
    assert started == [("ecommerce", {"release": selection})]
    assert re.search(r"quality +duplicate_key +9", told)
    assert "manual-1 succeeded" in told


def test_what_is_shown_is_what_is_released(
    lay_ready: LayReady, backend: AthenaBackend, started: list[Any]
) -> None:
    for _ in range(2):
        lay_ready(BY_RULE, ["schema", "type:date", "1"])

    lakehouse("ecommerce.orders", "--rule", "type:date", "--file", "o'brien.csv", "--run-id", "r1")

    selected, everything = asked(backend)
    assert selected == (
        "WHERE rule = 'type:date' AND run_id = 'r1' AND "
        "(_source_file = 'o''brien.csv' OR element_at(split(_source_file, '/'), -1) = 'o''brien.csv')"
    )
    assert everything == ""


def test_a_selection_of_nothing_says_where_to_look(lay_ready: LayReady, started: list[Any]) -> None:
    lay_ready(BY_RULE)
    with pytest.raises(CommandError, match=r"no row of ecommerce\.rejected\.orders .*lakehouse rejected"):
        lakehouse("ecommerce.orders", "--rule", "type:date")
    assert started == []


def test_only_silver_rejects_rows(backend: AthenaBackend) -> None:
    with pytest.raises(CommandError, match=r"ecommerce\.gold\.daily_sales has no rejected rows"):
        lakehouse("ecommerce.gold.daily_sales")
