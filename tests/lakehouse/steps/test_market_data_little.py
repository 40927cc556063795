"""A recorder that was asked for trades alone: what its segments hold nothing of is there, and empty."""

import json
from typing import TYPE_CHECKING

from lakehouse.recorder.envelope import Envelope

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from pyspark.sql import SparkSession

NOW = 1_775_572_200_000_000_000
"""2026-04-07 14:30:00 UTC."""


def test_gold_is_made_of_what_there_is(spark: "SparkSession", s3: "S3Client") -> None:
    from tests.lakehouse.steps.lake import Lake

    trade = {"trade_id": "7", "product_id": "BTC-USD", "price": "100", "size": "0.5", "side": "BUY"}
    event = {"type": "update", "trades": [{**trade, "time": "2026-04-07T14:30:01Z"}]}
    envelope = {"channel": "market_trades", "timestamp": "2026-04-07T14:30:02Z", "sequence_num": 0}
    recorder = Envelope()
    lines = [
        recorder.event("connected", "c" * 32, NOW, products=["BTC-USD"], channels=[], endpoint="wss://e"),
        recorder.message("c" * 32, NOW, json.dumps({**envelope, "events": [event]}).encode()),
    ]
    lake = Lake.of_its_own(spark, s3, "market_data")
    lake.deliver("coinbase_messages", "segment_20260407T14_00001.ndjson", b"".join(lines))

    made = lake.run("one")

    assert {candidate["verdict"] for candidate in made["silver"].values()} == {"passed"}
    assert lake.table("silver.level2").count() == lake.table("silver.ticker").count() == 0
    assert [(row["product_id"], row["quote_volume"]) for row in lake.rows("gold.ohlcv_1d")] == [
        ("BTC-USD", "50.00000000000000000000")
    ]
    assert lake.rows("gold.spread_1m") == lake.rows("gold.depth_1m") == []
    assert [row["received_trades"] for row in lake.rows("gold.completeness_1m")] == ["1"]
    before = lake.versions()
    lake.run("two")
    assert lake.versions() == before
