"""A run of a backfill, and the budget: what others have cost lies in the bucket, as `record` leaves it."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from airflow.sdk.exceptions import AirflowFailException

from lakehouse.settings import Settings
from orchestration.budget import require_budget
from tests.lakehouse.ledger_records import RECORD, waits

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BUDGET = Settings(bucket_name="lake", backfill_budget_usd=1)


def run(run_type: str = "backfill") -> SimpleNamespace:
    return SimpleNamespace(run_type=run_type)


@pytest.fixture
def cost_60_cents(lake: "S3Client") -> None:
    """A run of a backfill that ended just now."""
    now = datetime.now(UTC).isoformat()
    waits(lake, {**RECORD, "run_type": "backfill", "cost_usd": 0.6, "recorded_at": now})


@pytest.mark.usefixtures("cost_60_cents")
def test_a_run_that_would_exceed_the_budget_of_its_day_does_nothing() -> None:
    with pytest.raises(AirflowFailException, match=r"0\.6000 USD and the 0\.6000 USD .* exceed .* 1\.00 USD"):
        require_budget("ecommerce", {}, run(), BUDGET)


@pytest.mark.usefixtures("lake")
def test_without_a_history_somebody_must_confirm() -> None:
    with pytest.raises(AirflowFailException, match="there is no estimate"):
        require_budget("ecommerce", {"confirm_cost": False}, run(), BUDGET)


@pytest.mark.usefixtures("cost_60_cents")
def test_a_run_goes_on_that_is_confirmed_or_no_backfill_or_within_the_budget() -> None:
    require_budget("ecommerce", {"confirm_cost": True}, run(), BUDGET)
    require_budget("ecommerce", {}, run("scheduled"), BUDGET)
    require_budget("ecommerce", {}, run(), Settings(bucket_name="lake"))
    require_budget("ecommerce", {}, run(), Settings(bucket_name="lake", backfill_budget_usd=1.2))
