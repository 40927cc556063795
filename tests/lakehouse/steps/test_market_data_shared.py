"""What several tables of market data are made of is made once in a step: parsed payloads, and the books of gold."""

from typing import TYPE_CHECKING

import pytest

from lakehouse.transforms.held import holding
from tests.lakehouse.frames import analyzed_plan

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_s3 import S3Client
    from pyspark.sql import DataFrame, SparkSession

    from tests.lakehouse.steps.lake import Lake


@pytest.fixture(scope="module")
def lake(spark: "SparkSession", s3: "S3Client") -> "Lake":
    """A vault that has taken in one segment."""
    from lakehouse.simulate.coinbase.config import Simulation
    from tests.lakehouse.steps.lake import Lake
    from tests.lakehouse.steps.market import record

    lake = Lake.of_its_own(spark, s3, "market_data")
    segment = b"".join(record(Simulation(seed=5, products=1, messages=100)))
    lake.deliver("coinbase_messages", "segment_20260407T14_00001.ndjson", segment)
    lake.run("one")
    return lake


def test_each_payload_is_parsed_once(lake: "Lake") -> None:
    from lakehouse.transforms.market_data.silver import level2, market_trades, messages, ticker

    tables: list[Callable[..., DataFrame]] = [
        module.transform for module in (messages, level2, market_trades, ticker)
    ]
    alone = [make(coinbase_messages=lake.table("bronze.coinbase_messages")) for make in tables]
    with holding():
        shared = [make(coinbase_messages=lake.table("bronze.coinbase_messages")) for make in tables]

    assert ["payload#" in analyzed_plan(rows) for rows in alone] == [True] * 4
    assert ["payload#" in analyzed_plan(rows) for rows in shared] == [False] * 4
    assert [rows.count() for rows in shared] == [rows.count() for rows in alone]


def test_books_are_made_once(lake: "Lake") -> None:
    from lakehouse.transforms.market_data.book_minutes import book_minutes

    def books() -> "DataFrame":
        return book_minutes(lake.table("silver.level2"), lake.table("silver.messages"))

    with holding():
        assert books() is books()
        assert books().count() > 0
