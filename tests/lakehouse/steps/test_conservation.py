"""No row is lost, and none is taken in twice: what each step does where it could happen."""

from typing import TYPE_CHECKING

import pytest

from lakehouse.contract import Contract
from lakehouse.records.resolve import STATUS, resolve
from lakehouse.steps import bronze_to_silver
from tests.lakehouse.steps.lake import Lake
from tests.lakehouse.steps.orders import order

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

ORDERS = {"tables": ("orders",)}


def take_in(lake: Lake, run_id: str, *layers: str) -> None:
    run = lake.a_run(run_id, **ORDERS)
    for layer in layers:
        lake.candidate(layer, run)
        lake.publish(layer, run)


def test_a_row_of_unknown_status_stops_the_run(new_lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    from pyspark.sql import functions as F

    def lose_order_2(rows: "DataFrame", contract: Contract) -> "DataFrame":
        status = F.when(F.col("order_id") == 2, "lost").otherwise(F.col(STATUS))
        return resolve(rows, contract).withColumn(STATUS, status)

    lake = new_lake
    lake.deliver("orders", "orders.csv", [order(1), order(2)])
    take_in(lake, "one", "bronze")
    monkeypatch.setattr(bronze_to_silver, "resolve", lose_order_2)

    with pytest.raises(AssertionError, match=r"1 rows of s3://\S+/orders\.csv have the status 'lost'"):
        lake.candidate("silver", lake.a_run("one", **ORDERS))


def test_the_same_content_under_two_names_is_taken_in_once(new_lake: Lake) -> None:
    lake = new_lake
    for name in ("orders.csv", "the_same_orders.csv"):
        lake.deliver("orders", name, [order(1), order(2)])
    take_in(lake, "one", "bronze")
    lake.deliver("orders", "the_same_tomorrow.csv", [order(1), order(2)])
    lake.deliver("orders", "more.csv", [order(3)])
    take_in(lake, "two", "bronze")

    assert [row["order_id"] for row in lake.rows("bronze.orders")] == ["1", "2", "3"]


def test_a_full_refresh_is_published_once(new_lake: Lake) -> None:
    lake = new_lake
    lake.deliver("orders", "orders.csv", [order(1), order(2)])
    take_in(lake, "one", "bronze", "silver")
    refresh = lake.a_run("refresh", **ORDERS, full_refresh=True)
    lake.candidate("silver", refresh)
    lake.publish("silver", refresh)
    before = lake.versions()

    lake.publish("silver", refresh)

    assert lake.versions() == before
