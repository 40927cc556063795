"""What one more segment of market data costs gold, on a short and on a long history, beside making gold whole.

`.venv-glue/bin/python -m benchmarks.market_days --days 10 --megabytes 5` lays a segment a day into two lakes, one of
three days and one of so many, then a small segment of the last day into each. Prints the seconds of gold for it, and
those of a full refresh of gold on the same silver.
"""

import argparse
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
from pyspark.sql import SparkSession

from benchmarks.engine import engine, seconds_by_layer
from lakehouse.simulate.coinbase.config import Simulation
from tests.lakehouse.steps.lake import Lake
from tests.lakehouse.steps.market import record

_FIRST = datetime(2026, 4, 7, 12, tzinfo=UTC)
_SHORT = 3
_RATE = 100
_MESSAGES_A_MEGABYTE = 1_600
_INCREMENT = 0.2
"""Of a day's segment."""


def segment(day: int, megabytes: float, hour: int = 0) -> bytes:
    """What one connection brought, begun on a day from 0 and some hours after noon."""
    start = _FIRST + timedelta(days=day, hours=hour)
    messages = int(megabytes * _MESSAGES_A_MEGABYTE)
    lines = record(Simulation(products=5, start=start, rate=_RATE, messages=messages))
    own = f'"connection_id":"{day * 24 + hour + 1:032x}"'.encode()
    return b"".join(lines).replace(b'"connection_id":"' + b"0" * 32 + b'"', own)


def history(spark: SparkSession, days: int, megabytes: float) -> Lake:
    """A lake with gold of so many days."""
    lake = Lake.of_its_own(spark, boto3.client("s3"), "market_data")
    for day in range(days):
        lake.deliver("coinbase_messages", f"segment_{day:02d}.ndjson", segment(day, megabytes))
    seconds_by_layer(lake, lake.a_run("history"))
    return lake


def measure(spark: SparkSession, days: int, megabytes: float) -> None:
    """Print both histories' seconds."""
    history(spark, 1, 0.5)  # warms up
    for length in (_SHORT, days):
        lake = history(spark, length, megabytes)
        more = segment(length - 1, megabytes * _INCREMENT, hour=1)
        lake.deliver("coinbase_messages", "segment_more.ndjson", more)
        gold = seconds_by_layer(lake, lake.a_run("more"))["gold"]
        whole = seconds_by_layer(lake, lake.a_run("whole", full_refresh=True), ["gold"])["gold"]
        sys.stdout.write(
            f"{length} days of {megabytes} MB: {gold:.1f} s of gold for {megabytes * _INCREMENT:.1f} MB more, "
            f"{whole:.1f} s made whole: {gold / whole:.2f} of it\n"
        )
        sys.stdout.flush()


def main() -> None:
    """Measure at the size that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=10)
    parser.add_argument("--megabytes", type=float, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lakehouse-benchmark-") as folder, engine(Path(folder)) as spark:
        measure(spark, options.days, options.megabytes)


if __name__ == "__main__":
    main()
