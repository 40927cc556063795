"""What runs left behind goes when none of them can need it any more."""

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from lakehouse.steps.run import Run
from lakehouse.steps.stale_candidates import sweep_stale_candidates

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

THREE_DAYS = timedelta(days=3)
"""A day for which a run may last, as nobody is asked, and two to look at what it left."""


def put(lake: "S3Client", *keys: str) -> None:
    for key in keys:
        lake.put_object(Bucket="lake", Key=key, Body=b"")


def keys(lake: "S3Client") -> set[str]:
    return {entry["Key"] for entry in lake.list_objects_v2(Bucket="lake").get("Contents", ())}


def a_run(started_at: datetime, **options: Any) -> Run:
    return Run("ecommerce", "upkeep", {"*": "lake"}, "s3://lake/e", started_at=started_at, **options)


def a_moment() -> datetime:
    """Now, and neither of the seconds in which S3 says that objects came before it and after."""
    time.sleep(1.1)
    now = datetime.now(UTC)
    time.sleep(1.1)
    return now


STALE = {
    "silver/processing/run-1/orders-a/part-0",
    "silver/processing/run-1/orders-a/_delta_log/0.json",
    "silver/processing/run-1/replay/rejected/orders/part-0",
}
FRESH = {
    "silver/processing/",  # the placeholder of the shelf
    "silver/processing/run-10/orders-a/part-0",
    "gold/processing/run-1/daily_sales-a/part-0",
    "silver/orders/part-0",
    "raw/processing/orders.csv",
}


@pytest.mark.parametrize("dry_run", [False, True])
def test_candidates_older_than_any_run_go(lake: "S3Client", dry_run: bool) -> None:
    put(lake, *STALE, "silver/processing/", "silver/processing/run-10/orders-a/part-0")
    put(lake, "silver/orders/part-0", "raw/processing/orders.csv")
    moment = a_moment()
    put(lake, "silver/processing/run-10/orders-b/part-0", "gold/processing/run-1/daily_sales-a/part-0")

    swept = sweep_stale_candidates(a_run(moment + THREE_DAYS, dry_run=dry_run))

    assert swept == {"s3://lake/silver/processing/run-1/": 3}
    kept = FRESH | {"silver/processing/run-10/orders-b/part-0"}
    assert keys(lake) == (kept | STALE if dry_run else kept)


def test_more_than_one_call_can_delete(lake: "S3Client") -> None:
    put(lake, *(f"bronze/processing/run-1/orders-a/{number}" for number in range(1001)))

    assert sweep_stale_candidates(a_run(datetime.now(UTC) + 2 * THREE_DAYS)) == {
        "s3://lake/bronze/processing/run-1/": 1001
    }
    assert keys(lake) == set()


def test_a_lake_without_candidates_has_none(lake: "S3Client") -> None:
    assert sweep_stale_candidates(a_run(datetime.now(UTC) + 2 * THREE_DAYS)) == {}
