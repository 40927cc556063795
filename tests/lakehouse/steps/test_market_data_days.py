"""Gold of market data follows its segments day by day, and ends in the tables of a full refresh."""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from lakehouse.recorder.envelope import Envelope

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from pyspark.sql import SparkSession

    from tests.lakehouse.steps.lake import Lake

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

BOTH, FIRST = ["BTC-USD", "ETH-USD"], ["BTC-USD"]
GOLD = ("completeness_1m", "ohlcv_1m", "ohlcv_5m", "ohlcv_1h", "ohlcv_1d", "spread_1m", "depth_1m")


def april(day: int, clock: str = "12:00:00") -> datetime:
    return datetime.fromisoformat(f"2026-04-{day:02d}T{clock}").replace(tzinfo=UTC)


class Connection:
    """A connection that brings a book, trades and heartbeats, at the times that a test says."""

    def __init__(self, envelope: Envelope, name: str, products: list[str], begins: datetime) -> None:
        self.id, self._envelope, self._sequence = name * 32, envelope, 0
        subscribed: dict[str, Any] = {"products": products, "channels": [], "endpoint": "wss://e"}
        self.lines = [envelope.event("connected", self.id, ns(begins), **subscribed)]
        for product in products:
            level = {"side": "bid", "event_time": iso(begins), "price_level": "9", "new_quantity": "1"}
            levels = [level, {**level, "side": "offer", "price_level": "11"}]
            self.hear(begins, "l2_data", {"type": "snapshot", "product_id": product, "updates": levels})

    def hear(self, time: datetime, channel: str, event: dict[str, Any]) -> "Connection":
        frame = {
            "channel": channel,
            "timestamp": iso(time),
            "sequence_num": self._sequence,
            "events": [event],
        }
        self.lines.append(self._envelope.message(self.id, ns(time), json.dumps(frame).encode()))
        self._sequence += 1
        return self

    def trade(self, time: datetime, product: str, number: int, told: datetime | None = None) -> "Connection":
        """A trade, which the exchange tells at once or, in a snapshot, later."""
        trade = {"trade_id": str(number), "product_id": product, "price": "10", "size": "1", "side": "BUY"}
        event = {"type": "snapshot" if told else "update", "trades": [{**trade, "time": iso(time)}]}
        return self.hear(told or time, "market_trades", event)

    def beat(self, time: datetime) -> "Connection":
        return self.hear(time, "heartbeats", {"heartbeat_counter": str(self._sequence)})


def iso(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def ns(time: datetime) -> int:
    return int(time.timestamp()) * 1_000_000_000


def test_gold_follows_the_segments_day_by_day(spark: "SparkSession", s3: "S3Client") -> None:
    from tests.lakehouse.steps.lake import Lake

    lake = Lake.of_its_own(spark, s3, "market_data")
    envelope = Envelope()
    first = [
        Connection(envelope, "1", BOTH, april(1)).trade(april(1), "BTC-USD", 1).trade(april(1), "ETH-USD", 1),
        Connection(envelope, "2", BOTH, april(2)).trade(april(2), "BTC-USD", 2).trade(april(2), "ETH-USD", 2),
        Connection(envelope, "7", BOTH, april(7)).trade(april(7), "BTC-USD", 6).trade(april(7), "ETH-USD", 3),
        Connection(envelope, "8", BOTH, april(8)).trade(april(8), "BTC-USD", 7).trade(april(8), "ETH-USD", 4),
    ]
    late = [Connection(envelope, "4", FIRST, april(4)).trade(april(4), "BTC-USD", 4)]
    next_days = [
        Connection(envelope, "9", BOTH, april(9, "23:59:00"))
        .trade(april(9, "23:59:58"), "BTC-USD", 8)
        .beat(april(10, "00:01:30"))
    ]
    healing = [
        Connection(envelope, "a", FIRST, april(12)).trade(april(4, "13:00:00"), "BTC-USD", 5, april(12))
    ]

    assert recomputed(lake, "first", first) == dict.fromkeys(GOLD)
    assert recomputed(lake, "in a silent stretch", late) == {table: days(2, 3, 4, 5, 6, 7) for table in GOLD}
    assert recomputed(lake, "over midnight", next_days) == {table: days(8, 9, 10) for table in GOLD}
    of_bars = {
        table: days(2, 3, 4, 5, 6, 7, 10, 11, 12)
        for table in GOLD
        if table.startswith(("ohlcv", "completeness"))
    }
    assert recomputed(lake, "a hole healed by a snapshot", healing) == of_bars | {
        table: days(10, 11, 12) for table in ("spread_1m", "depth_1m")
    }
    made = {table: lake.rows(f"gold.{table}") for table in GOLD}
    assert recomputed(lake, "anew", [], full_refresh=True) == dict.fromkeys(GOLD)
    for table in GOLD:
        assert lake.rows(f"gold.{table}") == made[table], table
    assert [row["date"] for row in made["ohlcv_1d"] if row["product_id"] == "BTC-USD"] == days(
        1, 2, 4, 7, 8, 9
    )


def recomputed(
    lake: "Lake", run_id: str, delivered: list[Connection], **options: Any
) -> dict[str, list[str] | None]:
    """Deliver what these connections brought, run, and tell which days of each gold table were made anew."""
    if delivered:
        lines = [line for connection in delivered for line in connection.lines]
        lake.deliver("coinbase_messages", f"segment_{run_id.replace(' ', '_')}.ndjson", b"".join(lines))
    made = lake.run(run_id, **options)["gold"]
    return {table: made[table]["partitions"] for table in GOLD}


def days(*numbers: int) -> list[str]:
    return [f"2026-04-{number:02d}" for number in numbers]
