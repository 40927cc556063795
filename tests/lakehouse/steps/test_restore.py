"""A domain goes back to one publish manifest, stays there, and goes on from there as if nothing had been between."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from lakehouse.steps.restore import RestoreError, restore
from lakehouse.storage.documents import read_document
from tests.lakehouse.steps.orders import line, order

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from pyspark.sql import SparkSession

    from tests.lakehouse.steps.lake import Lake

PRODUCT = {"product_id": 1, "department_id": 3, "department": "Books", "product_name": "Pen"}
TABLES = (
    "silver.orders", "silver.products", "silver.order_items",
    "gold.daily_sales", "gold.customer_insights", "gold.department_analytics", "gold.product_performance",
)  # fmt: skip


def deliver_first(lake: "Lake") -> None:
    lake.deliver("products", "products.csv", [PRODUCT])
    lake.deliver("orders", "first.csv", [order(1), order(2, "7.50", 1)])
    lake.deliver("order_items", "first.csv", [line(1, 1), line(2, 2)])


def deliver_second(lake: "Lake") -> None:
    """A correction, a new order, and a line that is refused."""
    lake.deliver("orders", "second.csv", [order(1, "9.99", 5), order(3, "1.00", 6)])
    lake.deliver("order_items", "second.csv", [line(3, 3), line(4, 404)])


def content(lake: "Lake") -> dict[str, Any]:
    return {name: lake.rows(name) for name in TABLES}


def manifest(lake: "Lake", name: str = "latest") -> dict[str, Any]:
    return read_document(lake.a_run("any").manifest_document(name))


@pytest.fixture(scope="module")
def two_deliveries(spark: "SparkSession", s3: "S3Client") -> "Lake":
    """Runs `first` and `second`; each test begins with whatever the ones before it left."""
    from tests.lakehouse.steps.lake import Lake

    lake = Lake.of_its_own(spark, s3)
    deliver_first(lake)
    lake.run("first")
    deliver_second(lake)
    lake.run("second", rejected_share_limit=1.0)
    return lake


def test_a_domain_goes_back_stays_and_goes_on(two_deliveries: "Lake") -> None:
    lake = two_deliveries
    restore(lake.spark, lake.a_run("forth", versions=manifest(lake, "second")["tables"]))
    second = content(lake)
    first = manifest(lake, "first")["tables"]
    back = lake.a_run("back", versions=first)

    restore(lake.spark, back)

    def as_after_the_first() -> None:
        assert [row["total_amount"] for row in lake.rows("silver.orders")] == ["5.00", "7.50"]
        assert [row["total_sales"] for row in lake.rows("gold.daily_sales")] == ["12.50"]
        assert lake.table("rejected.order_items").count() == 0
        assert lake.table("bronze.orders").count() == 2

    as_after_the_first()
    named = manifest(lake)
    assert named["run_id"] == "back"
    now = lake.versions()
    assert named["tables"] == {address: now[address] for address in first}

    # The second delivery is archived: no run takes it in again by itself.
    for dataset in ("orders", "order_items"):
        lake.s3.delete_object(Bucket=lake.bucket, Key=f"raw/{dataset}/second.csv")
    lake.run("third")
    as_after_the_first()

    deliver_second(lake)
    lake.run("fourth", rejected_share_limit=1.0)
    assert content(lake) == second
    assert lake.table("rejected.order_items").count() == 1


@pytest.mark.slow
def test_restoring_twice_changes_no_row(two_deliveries: "Lake") -> None:
    lake = two_deliveries
    back = lake.a_run("back", versions=manifest(lake, "first")["tables"])
    restore(lake.spark, back)
    once = content(lake)

    restore(lake.spark, replace(back, attempt="again"))

    assert content(lake) == once


def test_one_table_alone_is_restored_without_a_manifest(two_deliveries: "Lake") -> None:
    lake = two_deliveries
    address = "ecommerce.gold.daily_sales"
    restore(lake.spark, lake.a_run("forth", versions=manifest(lake, "second")["tables"]))
    before = manifest(lake)
    restore(lake.spark, lake.a_run("back", versions={address: manifest(lake, "first")["tables"][address]}))

    assert [row["total_sales"] for row in lake.rows("gold.daily_sales")] == ["12.50"]
    assert manifest(lake) == before
    told = read_document(lake.a_run("back").restored_document)["tables"][address]
    assert told["version_after"] == lake.versions()[address] == told["version_before"] + 1


def test_a_version_that_never_was_is_refused_before_any_table_changes(two_deliveries: "Lake") -> None:
    lake = two_deliveries
    before = lake.versions()
    versions = {"ecommerce.gold.daily_sales": 1, "ecommerce.silver.orders": 999}

    with pytest.raises(RestoreError, match=r"ecommerce\.silver\.orders has no version 999; its newest is"):
        restore(lake.spark, lake.a_run("back", versions=versions))
    assert lake.versions() == before


def test_a_version_whose_commit_is_gone_is_refused(two_deliveries: "Lake") -> None:
    lake = two_deliveries
    key = f"silver/orders/_delta_log/{1:020d}.json"
    commit = lake.s3.get_object(Bucket=lake.bucket, Key=key)["Body"].read()
    lake.s3.delete_object(Bucket=lake.bucket, Key=key)

    with pytest.raises(RestoreError, match="version 1 is older than the 30 days"):
        restore(lake.spark, lake.a_run("back", versions={"ecommerce.silver.orders": 1}))
    lake.put(key, commit)
