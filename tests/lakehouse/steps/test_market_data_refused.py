"""A level and a trade that silver refuses, through every gate to gold: the rest loads, and gold knows what it lacks."""

import json
from typing import TYPE_CHECKING

import pytest

from lakehouse.recorder.envelope import Envelope

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from pyspark.sql import SparkSession

    from tests.lakehouse.steps.lake import Lake

NOW = 1_775_572_200_000_000_000
"""2026-04-07 14:30:00 UTC."""
CONNECTION = "c" * 32
ODD_LEVEL, ODD_TRADE, SNAPSHOT, EMPTY_SNAPSHOT = 7, 70, 140, 191
"""Seconds after 14:30 at which the book is lost, a trade is refused, the book is known again, and lost again."""


def message(recorder: Envelope, second: int, channel: str, event: dict[str, object]) -> bytes:
    envelope = {"channel": channel, "timestamp": at(second), "sequence_num": second}
    frame = json.dumps({**envelope, "events": [event]}).encode()
    return recorder.message(CONNECTION, NOW + second * 1_000_000_000, frame)


def at(second: int) -> str:
    return f"2026-04-07T14:{30 + second // 60}:{second % 60:02d}Z"


def book(kind: str, *levels: tuple[str, str]) -> dict[str, object]:
    updates = [
        {"side": side, "event_time": at(0), "price_level": price, "new_quantity": "1"}
        for side, price in levels
    ]
    return {"type": kind, "product_id": "BTC-USD", "updates": updates}


def trade(number: int, second: int, price: str) -> dict[str, object]:
    of = {"trade_id": str(number), "product_id": "BTC-USD", "price": price, "size": "0.25", "side": "BUY"}
    return {"type": "update", "trades": [{**of, "time": at(second)}]}


def segment() -> bytes:
    """A message a second for 200 seconds: trades in even ones, changes of the book in odd ones."""
    recorder = Envelope()
    subscribed = {"products": ["BTC-USD"], "channels": ["heartbeats", "level2", "market_trades"]}
    lines = [recorder.event("connected", CONNECTION, NOW, endpoint="wss://e", **subscribed)]
    number = 0
    for second in range(201):
        if second in {0, SNAPSHOT}:
            event = book("snapshot", ("bid", "99"), ("offer", "101"))
        elif second == EMPTY_SNAPSHOT:
            event = book("snapshot")
        elif second % 2:
            event = book("update", ("ask" if second == ODD_LEVEL else "bid", "98"))
        else:
            number += 1
            event = trade(number, second, "-5" if second == ODD_TRADE else "100.5")
        lines.append(message(recorder, second, "market_trades" if "trades" in event else "l2_data", event))
    return b"".join(lines)


@pytest.fixture(scope="module")
def market(spark: "SparkSession", s3: "S3Client") -> "Lake":
    from tests.lakehouse.steps.lake import Lake

    lake = Lake.of_its_own(spark, s3, "market_data")
    lake.deliver("coinbase_messages", "segment_20260407T14_00001.ndjson", segment())
    lake.run("one")
    return lake


def test_they_are_rejected_and_the_rest_is_published(market: "Lake") -> None:
    rules = {table: market.table(f"rejected.{table}").collect() for table in ("level2", "market_trades")}
    assert [row["rule"] for row in rules["level2"]] == ["unknown:side"]
    assert [row["rule"] for row in rules["market_trades"]] == ["range:price"]
    # 100 odd seconds but two, and two snapshots of two levels; 101 even ones but two snapshots and one refused.
    assert market.table("silver.level2").count() == 102
    assert market.table("silver.market_trades").count() == 98


def test_bars_have_no_price_that_was_refused_and_lack_its_trade(market: "Lake") -> None:
    bars = market.table("gold.ohlcv_1m").orderBy("start").collect()
    assert [(row["trade_count"], row["is_complete"]) for row in bars] == [
        (29, True),
        (29, False),
        (29, True),
        (11, False),
    ]
    assert {str(row["low"]) for row in bars} == {"100.5000000000"}


def test_completeness_counts_what_was_refused_as_not_received(market: "Lake") -> None:
    minutes = market.table("gold.completeness_1m").orderBy("minute").collect()
    assert [(row["missing_trades"], row["sequence_gaps"]) for row in minutes] == [
        (0, 0),
        (1, 0),
        (0, 0),
        (0, 0),
    ]
    # Known until the odd level, and from the snapshot at 14:32:20 to the one without levels.
    assert [row["book_valid_seconds"] for row in minutes] == [7, 0, 40, 11]
    assert [row["is_complete"] for row in minutes] == [False, False, True, False]


def test_the_next_run_is_as_free_as_the_first(market: "Lake") -> None:
    more = message(Envelope(), 201, "market_trades", trade(100, 201, "101"))
    market.deliver("coinbase_messages", "segment_20260407T14_00002.ndjson", more)

    market.run("two")

    assert market.table("silver.market_trades").count() == 99
