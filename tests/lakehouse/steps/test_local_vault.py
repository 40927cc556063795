"""A vault that goes back from S3 to a folder: the same steps, in the same state, on files of this machine."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lakehouse.address import Address
from lakehouse.contract import load
from lakehouse.settings import Settings
from lakehouse.simulate.coinbase.config import Simulation
from lakehouse.storage.objects.factory import object_store, store_at
from tests.lakehouse.steps.market import record, segment

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from pyspark.sql import SparkSession

    from tests.lakehouse.steps.lake import Lake

FEED = Simulation(
    seed=3, products=2, start=datetime(2026, 4, 7, 12, tzinfo=UTC), rate=4, minutes=1.5, depth=3
)
DATASET = "coinbase_messages"


def copy(source: str, target: str) -> None:
    """Every file, as `aws s3 sync` does."""
    store, folder = store_at(source)
    for file in store.files(folder):
        other, path = store_at(f"{target}/{file.path.removeprefix(folder).lstrip('/')}")
        other.write(path, store.read(file.path))


def trades_in(lines: list[bytes]) -> dict[tuple[str, str], tuple[str, Decimal]]:
    """(product, trade id) → (minute, size) of every trade that the lines tell of, read by hand."""
    payloads = [json.loads(line).get("payload") for line in lines]
    messages = [json.loads(payload) for payload in payloads if payload]
    events = [event for m in messages if m["channel"] == "market_trades" for event in m["events"]]
    return {
        (trade["product_id"], trade["trade_id"]): (trade["time"][:16], Decimal(trade["size"]))
        for event in events
        for trade in event["trades"]
    }


@pytest.fixture(scope="module")
def lines() -> list[bytes]:
    return record(FEED)


@pytest.fixture(scope="module")
def vault(
    spark: "SparkSession", s3: "S3Client", lines: list[bytes], tmp_path_factory: pytest.TempPathFactory
) -> "Lake":
    """In a folder: the first segment was taken in on S3 before all was copied here, the second here."""
    from tests.lakehouse.steps.lake import Lake

    on_s3 = Lake.of_its_own(spark, s3, "market_data")
    on_s3.deliver(DATASET, "segment_20260407T12_00001.ndjson", segment(lines[: len(lines) // 2]))
    on_s3.run("one")
    folder = tmp_path_factory.mktemp("vault")
    copy(f"s3://{on_s3.bucket}", str(folder))
    in_folder = Lake(spark, s3, str(folder), "market_data")
    in_folder.deliver(DATASET, "segment_20260407T12_00002.ndjson", segment(lines[len(lines) // 2 :]))
    in_folder.run("two")
    return in_folder


def test_a_folder_goes_on_where_s3_was_left(vault: "Lake", lines: list[bytes]) -> None:
    told = trades_in(lines)
    volumes: dict[tuple[str, str], Decimal] = {}
    for (product, _), (minute, size) in told.items():
        volumes[product, minute] = volumes.get((product, minute), Decimal()) + size

    trades = vault.table("silver.market_trades").select("product_id", "trade_id").collect()
    bars = vault.table("gold.ohlcv_1m").collect()

    assert vault.table("bronze.coinbase_messages").count() == len(lines)
    assert sorted((row["product_id"], str(row["trade_id"])) for row in trades) == sorted(told)
    assert {(bar["product_id"], f"{bar['start']:%Y-%m-%dT%H:%M}"): bar["volume"] for bar in bars} == volumes


def test_a_run_more_changes_nothing(vault: "Lake") -> None:
    before = vault.versions()

    vault.run("three")

    assert vault.versions() == before


def test_readers_find_it_by_the_settings_alone(vault: "Lake", monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.lakehouse.steps.readers import by_polars, by_spark

    monkeypatch.setenv("LAKEHOUSE_STORAGE__BACKEND", "local")
    monkeypatch.setenv("LAKEHOUSE_STORAGE__BASE_DIR", vault.bucket)
    monkeypatch.setenv("ECOM_S3_BUCKET_NAME", "lake")
    trades = Address("market_data", "silver", "market_trades")
    settings = Settings()
    uri = trades.uri(settings.buckets("market_data"))

    found = by_polars(uri, object_store(settings).storage_options, load(trades))

    assert Path(uri).is_dir()
    assert found == by_spark(vault.spark, uri, load(trades))
    assert found.rows > 0


def test_a_folder_begins_with_nothing(
    spark: "SparkSession", s3: "S3Client", tmp_path: Path, lines: list[bytes]
) -> None:
    from tests.lakehouse.steps.lake import Lake

    lake = Lake(spark, s3, str(tmp_path), "market_data")
    lake.deliver(DATASET, "segment_20260407T12_00001.ndjson", segment(lines))
    run = lake.a_run("one", tables=("coinbase_messages",))

    lake.candidate("bronze", run)
    lake.publish("bronze", run)

    assert lake.table("bronze.coinbase_messages").count() == len(lines)
