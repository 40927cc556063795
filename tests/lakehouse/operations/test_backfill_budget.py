"""What backfills may cost: of records that lie in a bucket, as each run leaves them."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import boto3
import pytest

from lakehouse.operations.backfill_budget import objection, spent_usd
from lakehouse.operations.estimate import Estimate, StepEstimate
from lakehouse.settings import Settings
from tests.lakehouse.ledger_records import RECORD, waits

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SALES = "ecommerce.gold.daily_sales"
NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)
TWO_USD = Estimate((StepEstimate("gold", 30, {SALES: 2.0}),), runs=1, of_backfills=False)


@pytest.fixture(autouse=True)
def _nothing_is_loaded(backend: object) -> None:
    boto3.client("glue").delete_table(DatabaseName="operations_bronze", Name="runs")


def leave(lake: "S3Client", run_id: str, usd: float, recorded_at: str, run_type: str = "backfill") -> None:
    told = {"run_id": run_id, "run_type": run_type, "cost_usd": usd, "recorded_at": recorded_at}
    waits(lake, {**RECORD, **told})


@pytest.mark.parametrize(
    ("budget", "runs", "objects"),
    [(0, 100, False), (4, 2, False), (3.99, 2, True), (4, 3, True)],
    ids=["no budget", "just enough", "a cent too few", "a run too many"],
)
def test_a_budget_objects_to_what_exceeds_it(budget: float, runs: int, *, objects: bool) -> None:
    reason = objection(Settings(backfill_budget_usd=budget), "ecommerce", TWO_USD, runs, NOON)

    assert (reason is not None) is objects


def test_a_budget_objects_to_what_cannot_be_estimated() -> None:
    reason = objection(Settings(backfill_budget_usd=5), "ecommerce", None, 1, NOON)

    assert reason == "there is no estimate, and the budget of backfills is 5.00 USD"
    assert objection(Settings(), "ecommerce", None, 1, NOON) is None


def test_what_backfills_have_cost_within_a_day_counts(lake: "S3Client") -> None:
    leave(lake, "a-day-ago", 16, "2026-03-04T12:00:00+00:00")
    leave(lake, "less", 1.5, "2026-03-04T12:00:00.5+00:00")
    leave(lake, "now", 0.75, "2026-03-05T11:59:59.5+00:00")
    leave(lake, "daily", 32, "2026-03-05T06:00:00.5+00:00", run_type="scheduled")

    assert spent_usd(Settings(), "ecommerce", NOON) == 2.25
    assert objection(Settings(backfill_budget_usd=4.25), "ecommerce", TWO_USD, 1, NOON) is None
    assert objection(Settings(backfill_budget_usd=4.24), "ecommerce", TWO_USD, 1, NOON) == (
        "2.0000 USD and the 2.2500 USD of backfills in the 24 hours before exceed the budget of 4.24 USD"
    )
