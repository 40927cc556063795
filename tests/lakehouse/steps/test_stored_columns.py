"""A contract's columns change after its table was made: nothing is cast to the old ones behind anybody's back."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lakehouse.contract import tables
from lakehouse.release import Release
from lakehouse.steps.publish import publish
from lakehouse.steps.run import Run
from lakehouse.storage.columns import StoredColumnsError
from tests.lakehouse.contract_files import Declare, declare_in, document
from tests.lakehouse.frames import texts
from tests.lakehouse.steps.lake import STEPS, Lake, in_order

pytestmark = pytest.mark.timeout(1800)

TEXT = {"logicalType": "string", "physicalType": "string"}
COLUMNS = ("id", "price", "day")
KEY = {"name": "id", "required": True, "primaryKey": True, "primaryKeyPosition": 1, "description": "Order"}
DAY = {"name": "day", "physicalType": "date", "partitioned": True}


@pytest.fixture
def declare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Declare]:
    yield declare_in(tmp_path, monkeypatch)
    tables.cache_clear()


def state(declare: Declare, price_type: str) -> None:
    declare(document("orders", *({"name": n, **TEXT} for n in COLUMNS), layer="bronze"), layer="bronze")
    price = {"name": "price", "physicalType": price_type, "description": "Price"}
    declare(document("orders", KEY, price, DAY, inputs=["shop.bronze.orders"], rejectedShareLimit=1))


def take_in(lake: Lake, run_id: str, **options: Any) -> None:
    run = Run("shop", run_id, {"*": lake.bucket}, f"s3://{lake.bucket}/scripts/expectations", **options)
    for layer in ("bronze", "silver"):
        STEPS[layer](lake.spark, run)
        publish(lake.spark, replace(run, layer=layer))


def table(lake: Lake, layer: str) -> Any:
    return lake.spark.read.format("delta").load(f"s3://{lake.bucket}/{layer}/orders")


def held(lake: Lake) -> list[Any]:
    return [in_order(texts(table(lake, "silver"), COLUMNS)), table(lake, "rejected").count()]


def test_what_the_table_cannot_hold_waits_for_a_full_refresh(new_lake: Lake, declare: Declare) -> None:
    lake, day = new_lake, "2025-04-01"
    state(declare, "decimal(4,2)")
    lake.deliver("orders", "a.csv", f"id,price,day\n1,12345,{day}\n2,5,{day}\n3,9.567,{day}\n".encode())
    take_in(lake, "first")
    before = held(lake)
    assert before == [
        [{"id": "2", "price": "5.00", "day": day}, {"id": "3", "price": "9.57", "day": day}],
        1,
    ]
    state(declare, "decimal(18,4)")

    with pytest.raises(
        StoredColumnsError,
        match=r"shop\.silver\.orders: the table stores price as decimal\(4,2\), its contract says decimal\(18,4\)\. "
        r"Nothing was written\. Start a run with a full refresh",
    ):
        take_in(lake, "release", release=Release(table="orders"))
    assert held(lake) == before, "not even rejected/ has changed"

    take_in(lake, "refresh", full_refresh=True)

    prices = {"1": "12345.0000", "2": "5.0000", "3": "9.5670"}
    assert held(lake) == [[{"id": n, "price": price, "day": day} for n, price in prices.items()], 0]
    schema = table(lake, "silver").schema
    assert schema["price"].dataType.simpleString() == "decimal(18,4)"
    assert [schema[name].metadata["comment"] for name in ("id", "price")] == ["Order", "Price"]
    detail = lake.spark.sql(f"DESCRIBE DETAIL delta.`s3://{lake.bucket}/silver/orders`").first()
    assert detail["partitionColumns"] == ["day"]
    assert detail["properties"]["delta.enableDeletionVectors"] == "false"

    lake.deliver("orders", "b.csv", f"id,price,day\n4,1.2345,{day}\n".encode())
    take_in(lake, "after")
    assert {"id": "4", "price": "1.2345", "day": day} in held(lake)[0]
