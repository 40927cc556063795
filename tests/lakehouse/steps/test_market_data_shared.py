"""What several tables of market data are made of is made once in a step: parsed payloads, and the books of gold."""

from typing import TYPE_CHECKING

import pytest

from lakehouse.transforms.held import holding

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
    with holding():
        before = held_frames(lake)
        found = [make(coinbase_messages=lake.table("bronze.coinbase_messages")).count() for make in tables]

        assert min(found) > 0
        assert held_frames(lake) == before + 1


def test_books_are_made_once(lake: "Lake") -> None:
    from lakehouse.transforms.market_data.gold import depth_1m, spread_1m

    def of_silver(make: "Callable[..., DataFrame]") -> "DataFrame":
        return make(level2=lake.table("silver.level2"), messages=lake.table("silver.messages"))

    with holding():
        assert of_silver(spread_1m.transform).count() > 0
        before = held_frames(lake)

        of_silver(depth_1m.transform).collect()

        assert held_frames(lake) == before > 0


def held_frames(lake: "Lake") -> int:
    """How many Spark holds the rows of."""
    return int(lake.spark.sparkContext._jsc.getPersistentRDDs().size())
