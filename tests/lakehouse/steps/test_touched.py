"""Silver reads of bronze what can change it, and nothing else."""

import pytest

from lakehouse.steps import touched
from lakehouse.storage import delta_log
from tests.lakehouse.steps.lake import Lake
from tests.lakehouse.steps.orders import order

ORDERS = {"tables": ("orders",), "rejected_share_limit": 1.0}


def take_in(lake: Lake, name: str, *orders: dict[str, object]) -> list[str]:
    """Load a delivery, which is archived then; returns the data files that bronze gained."""
    uri = f"s3://{lake.bucket}/bronze/orders"
    before = delta_log.version(uri) or 0
    lake.deliver("orders", f"{name}.csv", orders)
    run = lake.a_run(name, **ORDERS)
    for layer in ("bronze", "silver"):
        lake.candidate(layer, run)
        lake.publish(layer, run)
    lake.s3.delete_object(Bucket=lake.bucket, Key=f"raw/orders/{name}.csv")
    return list(delta_log.changes(uri, before, delta_log.version(uri) or 0).added)


def amounts(lake: Lake) -> dict[str | None, str | None]:
    return {row["order_id"]: row["total_amount"] for row in lake.rows("silver.orders")}


def refused(lake: Lake) -> set[tuple[str, str]]:
    rows = lake.table("rejected.orders").selectExpr("get_json_object(key, '$.order_id') as id", "rule")
    return {(row["id"], row["rule"]) for row in rows.collect()}


def remove(lake: Lake, files: list[str]) -> None:
    for name in files:
        lake.s3.delete_object(Bucket=lake.bucket, Key=f"bronze/orders/{name}")


def test_files_whose_rows_cannot_matter_are_not_opened(new_lake: Lake) -> None:
    lake = new_lake
    take_in(lake, "first", order(1, "1.00"), order(2, "n/a"))
    others = take_in(lake, "others", order(3, "3.00"), order(4, "n/a"))
    remove(lake, others)

    take_in(lake, "second", order(1, "1.50", minute=1), order(2, "2.00", minute=1), order(5, "5.00"))

    assert amounts(lake) == {"1": "1.50", "2": "2.00", "3": "3.00", "5": "5.00"}
    assert refused(lake) == {("2", "type:total_amount"), ("4", "type:total_amount")}


def test_a_row_of_an_earlier_file_wins_against_a_later_one(new_lake: Lake) -> None:
    lake = new_lake
    take_in(lake, "newest", order(1, "3.00", minute=3))
    superseded = take_in(lake, "older", order(1, "2.00", minute=2))
    remove(lake, superseded)

    take_in(lake, "oldest", order(1, "1.00", minute=1))

    assert amounts(lake) == {"1": "3.00"}
    assert refused(lake) == set()


def test_with_more_files_than_are_named_the_tables_are_the_same(
    new_lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(touched, "_HASHES_WORTH_NAMING", 0)
    lake = new_lake
    take_in(lake, "first", order(1, "1.00"), order(2, "n/a"))

    take_in(lake, "second", order(1, "1.50", minute=1), order(2, "2.00", minute=1))

    assert amounts(lake) == {"1": "1.50", "2": "2.00"}
    assert refused(lake) == {("2", "type:total_amount")}
