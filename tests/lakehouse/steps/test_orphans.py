"""A line whose order or product is missing waits in rejected/ and is judged again when what it misses arrives."""

from typing import TYPE_CHECKING, Any

import pytest

from tests.lakehouse.steps.death import death_before_the_table
from tests.lakehouse.steps.lake import Lake

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.timeout(1800)

PRODUCT = {"product_id": 7, "department_id": 1, "department": "Books", "product_name": "Atlas"}
DAY = {"order_timestamp": "2025-04-01T10:00:00", "date": "2025-04-01"}
ORDER = {"order_id": 1, "user_id": 7, "total_amount": "5.00", **DAY}
LINES = {"tables": ("order_items",), "rejected_share_limit": 1.0}


def line(line_id: int, order_id: int, product_id: int) -> dict[str, object]:
    row = {
        "id": line_id,
        "order_id": order_id,
        "user_id": 7,
        "days_since_prior_order": "",
        "product_id": product_id,
    }
    return {**row, "add_to_cart_order": 1, "reordered": 0, **DAY}


def take_in(lake: Lake, run_id: str) -> dict[str, Any]:
    run = lake.a_run(run_id, **LINES)
    candidate: dict[str, Any] = lake.candidate("silver", run)["order_items"]
    lake.publish("silver", run)
    return candidate


def refused(lake: Lake) -> dict[int, str]:
    """Product of each refused line → the rule it broke."""
    rows = lake.table("rejected.order_items").selectExpr(
        "get_json_object(key, '$.product_id') as product", "rule"
    )
    return {int(row["product"]): row["rule"] for row in rows.collect()}


@pytest.fixture(scope="module")
def lake(spark: "SparkSession", s3: "S3Client") -> Lake:
    """Three lines of order 1, which is missing like their products 7, 8 and 9; then the order and product 7 come."""
    lake = Lake.of_its_own(spark, s3)
    lake.deliver("order_items", "lines.csv", [line(product, 1, product) for product in (7, 8, 9)])
    run = lake.a_run("lines", **LINES)
    lake.candidate("bronze", run)
    lake.publish("bronze", run)
    take_in(lake, "lines")
    assert refused(lake) == dict.fromkeys((7, 8, 9), "reference:order_id")
    assert lake.rows("silver.order_items") == []

    lake.put_silver("products", PRODUCT)
    assert take_in(lake, "product alone")["outcome"] == "nothing_new"

    lake.put_silver("orders", ORDER)
    take_in(lake, "order")
    return lake


def test_a_line_is_published_when_all_that_it_names_is_there(lake: Lake) -> None:
    assert [row["product_id"] for row in lake.rows("silver.order_items")] == ["7"]
    assert set(refused(lake)) == {8, 9}


def test_a_line_that_misses_less_says_what_it_still_misses(lake: Lake) -> None:
    """As it would had the order come first: rejected/ is a function of the set of rows too."""
    assert refused(lake) == dict.fromkeys((8, 9), "reference:product_id")


def test_judging_again_with_nothing_new_changes_nothing(lake: Lake) -> None:
    before = lake.versions()

    assert take_in(lake, "again")["outcome"] == "nothing_new"

    assert lake.versions() == before


def test_a_line_that_left_rejected_before_a_death_is_not_lost(new_lake: Lake) -> None:
    """The next run finds it neither in silver nor in rejected/ as it is."""
    lake = new_lake
    lake.deliver("order_items", "lines.csv", [line(1, 1, 7)])
    lake.put_silver("products", PRODUCT)
    lines = lake.a_run("lines", **LINES)
    lake.candidate("bronze", lines)
    lake.publish("bronze", lines)
    take_in(lake, "lines")
    lake.put_silver("orders", ORDER)
    dying = lake.a_run("dying", **LINES)
    lake.candidate("silver", dying)
    with death_before_the_table():
        lake.publish("silver", dying)
    assert refused(lake) == {}

    take_in(lake, "next")

    assert [row["product_id"] for row in lake.rows("silver.order_items")] == ["7"]
    assert refused(lake) == {}
