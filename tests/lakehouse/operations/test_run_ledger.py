"""What the run ledger says: rows as Athena prints them, and records that lie in a bucket."""

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import boto3
import pytest
from moto.athena.models import AthenaBackend, Execution

from lakehouse.operations.athena import QueryError
from lakehouse.operations.run_ledger import costs_of, publications, recent_costs, recorded_cost
from lakehouse.settings import Settings
from tests.lakehouse.cli.conftest import LayReady
from tests.lakehouse.ledger_columns import COST, PUBLICATION
from tests.lakehouse.ledger_records import RECORD, waits

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SALES, ORDERS = "ecommerce.gold.daily_sales", "ecommerce.silver.orders"
NINE, TEN = "2026-01-02T09:00:00.5+00:00", "2026-01-02T10:00:00.5+00:00"

pytestmark = pytest.mark.usefixtures("backend")


def refuses(monkeypatch: pytest.MonkeyPatch, reason: str) -> None:
    def refuse(*_: object) -> None:
        raise QueryError(reason)

    monkeypatch.setattr("lakehouse.operations.run_ledger.query", refuse)


def test_publications_are_those_loaded_and_those_that_wait(lake: "S3Client", lay_ready: LayReady) -> None:
    lay_ready(
        PUBLICATION,
        [SALES, "0.9.0", None, "all", "run-1", NINE, TEN],
        [SALES, "0.8.0", None, None, "run-0", NINE, NINE],
    )
    waits(lake, RECORD, RECORD | {"outcome": "not_published"}, RECORD | {"layer": "silver"})

    whole, old, waiting = publications(Settings(), "ecommerce")

    assert (whole.contract_version, whole.code_version, whole.dates) == ("0.9.0", None, None)
    assert (whole.first.hour, whole.last.hour) == (9, 10)
    assert whole.covers(date(2020, 1, 1))
    assert old.dates == frozenset()
    assert not old.covers(date(2026, 1, 1))
    assert (waiting.run_id, waiting.code_version) == ("run-2", "c0de")
    assert waiting.dates == frozenset({date(2026, 1, 1), date(2026, 1, 2)})
    assert waiting.first == waiting.last == datetime(2026, 1, 2, 10, 0, 0, 500_000, tzinfo=UTC)


def test_a_ledger_that_was_never_loaded_has_what_waits(
    lake: "S3Client", monkeypatch: pytest.MonkeyPatch
) -> None:
    boto3.client("glue").delete_table(DatabaseName="operations_bronze", Name="runs")
    refuses(monkeypatch, "nobody has to ask Athena, which may be starting still")
    waits(lake, RECORD)

    assert [one.run_id for one in publications(Settings(), "ecommerce")] == ["run-2"]
    assert [one.run_id for one in recent_costs(Settings(), "ecommerce")] == ["run-2"]


def test_what_athena_refuses_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    refuses(monkeypatch, "COLUMN_NOT_FOUND: line 1:15: Column 'dates' cannot be resolved")

    with pytest.raises(QueryError, match="dates"):
        publications(Settings(), "ecommerce")


def test_a_record_that_is_loaded_while_it_still_waits_counts_once(
    lake: "S3Client", lay_ready: LayReady
) -> None:
    row: list[str | None] = ["run-2", "scheduled", SALES, "published", "20.5", "4.5", "0.25", TEN]
    gone: list[str | None] = [*row[:2], "ecommerce.gold.a_table_that_is_gone", *row[3:]]
    lay_ready(COST, row, gone)
    waits(lake, RECORD, RECORD | {"table_address": ORDERS, "layer": "silver"})

    costs = recent_costs(Settings(), "ecommerce")

    assert [(c.table_address, c.step, c.seconds, c.usd) for c in costs] == [
        (SALES, "gold", 25, 0.25),
        (ORDERS, "silver", 25, 0.25),
    ]


def test_costs_of_runs_are_of_no_other(lake: "S3Client", lay_ready: LayReady, backend: AthenaBackend) -> None:
    lay_ready(COST)
    waits(lake, RECORD, RECORD | {"run_id": "run-22"})

    assert [cost.run_id for cost in costs_of(Settings(), "ecommerce", ["run-2"])] == ["run-2"]
    executions: list[Execution] = [*backend.executions.values()]
    assert "run_id IN ('run-2')" in executions[-1].query
    assert costs_of(Settings(), "ecommerce", []) == []


def test_the_cost_of_a_run_is_that_of_its_own_record(lake: "S3Client") -> None:
    waits(lake, RECORD, RECORD | {"run_id": "run-22"})

    assert [cost.usd for cost in recorded_cost(Settings(), "ecommerce", "run-2")] == [0.25]
    assert recorded_cost(Settings(), "ecommerce", "run-3") == []
