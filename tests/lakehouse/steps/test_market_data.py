"""The recorder's segments through the steps: gold equals what the simulated exchange knows to be true."""

import json
from collections import Counter, defaultdict
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from lakehouse.address import Address
from lakehouse.contract import load
from lakehouse.simulate.coinbase.config import Simulation
from lakehouse.simulate.coinbase.faults import Faults
from lakehouse.simulate.coinbase.truth import Truth, read_truth
from lakehouse.storage.objects.s3 import S3Store
from tests.lakehouse.steps.market import record, segment

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from pyspark.sql import SparkSession

    from tests.lakehouse.steps.lake import Lake

START = datetime(2026, 4, 7, 23, 57, 30, tzinfo=UTC)
"""Across midnight, from the middle of a minute."""
FOLDER = "processed/coinbase"


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[bytes], Truth]:
    """Lines of four minutes of two products, with what goes wrong, and the truth about them."""
    ledger = tmp_path_factory.mktemp("market") / "truth.ndjson"
    faults = ("drop=0.01", "duplicate=0.02", "malform=nth:200", "disconnect=nth:700", "late_trade=0.05")
    simulation = Simulation(
        seed=7,
        products=2,
        start=START,
        rate=5,
        minutes=4.5,
        depth=4,
        faults=Faults.parse([*faults, "outage_seconds=8"]),
        ledger=ledger,
    )
    return record(simulation), read_truth(ledger)


@pytest.fixture(scope="module")
def market(spark: "SparkSession", s3: "S3Client", recorded: tuple[list[bytes], Truth]) -> "Lake":
    """A lake that took in three segments in two runs, the middle one last."""
    from tests.lakehouse.steps.lake import Lake

    lake = Lake.of_its_own(spark, s3, "market_data")
    lines, _ = recorded
    third = len(lines) // 3
    lake.deliver("coinbase_messages", "segment_20260407T23_00001.ndjson", segment(lines[:third]))
    lake.deliver("coinbase_messages", "segment_20260407T23_00003.ndjson", segment(lines[2 * third :]))
    lake.run("one")
    lake.deliver("coinbase_messages", "segment_20260407T23_00002.ndjson", segment(lines[third : 2 * third]))
    lake.run("two")
    return lake


def frames(lines: list[bytes]) -> list[dict[str, Any]]:
    """The frames that are JSON."""
    found = []
    for line in lines:
        try:
            found.append(json.loads(json.loads(line).get("payload", "")))
        except ValueError:
            continue
    return found


def heard_trades(lines: list[bytes]) -> dict[tuple[str, int], dict[str, Any]]:
    trades = [
        trade
        for frame in frames(lines)
        if frame.get("channel") == "market_trades"
        for event in frame["events"]
        for trade in event["trades"]
    ]
    return {(trade["product_id"], int(trade["trade_id"])): trade for trade in trades}


def test_every_line_is_a_row_once(market: "Lake", recorded: tuple[list[bytes], Truth]) -> None:
    lines, _ = recorded
    malformed = sum(1 for line in lines if b'"payload"' in line) - len(frames(lines))

    assert market.table("bronze.coinbase_messages").count() == len(lines)
    assert market.table("silver.messages").count() == len(lines) - malformed
    rules = Counter(row["rule"] for row in market.table("rejected.messages").collect())
    assert rules == {"malformed:payload": malformed}
    assert malformed == 1


def test_every_trade_that_was_heard_is_there_once(
    market: "Lake", recorded: tuple[list[bytes], Truth]
) -> None:
    lines, truth = recorded
    heard = heard_trades(lines)

    made = {
        (row["product_id"], row["trade_id"]): row for row in market.table("silver.market_trades").collect()
    }

    assert made.keys() == heard.keys()
    true = {(trade["product_id"], int(trade["trade_id"])): trade for trade in truth.trades}
    assert {key: (row["price"], row["size"], row["side"]) for key, row in made.items()} == {
        key: (Decimal(true[key]["price"]), Decimal(true[key]["size"]), true[key]["side"]) for key in made
    }
    assert market.table("rejected.market_trades").count() == 0


def bars_of(
    trades: dict[tuple[str, int], dict[str, Any]],
) -> dict[tuple[str, str], tuple[Decimal | int, ...]]:
    """Bars of trades, calculated without Spark."""
    minutes = defaultdict(list)
    for (product, number), trade in trades.items():
        minutes[product, trade["time"][:16]].append(
            (
                trade["time"].rstrip("Z").ljust(26, "0"),
                number,
                Decimal(trade["price"]),
                Decimal(trade["size"]),
            )
        )
    return {
        key: (
            min(found)[2],
            max(price for _, _, price, _ in found),
            min(price for _, _, price, _ in found),
            max(found)[2],
            sum(size for *_, size in found),
            sum(price * size for *_, price, size in found),
            len(found),
        )
        for key, found in minutes.items()
    }


def gold_bars(market: "Lake") -> dict[tuple[str, str], Any]:
    return {
        (row["product_id"], row["start"].strftime("%Y-%m-%dT%H:%M")): row
        for row in market.table("gold.ohlcv_1m").selectExpr("*").collect()
    }


POSITION = ("connection_id", "sequence_num", "event_index")
COLUMNS = ("open", "high", "low", "close", "volume", "quote_volume", "trade_count")


def test_bars_are_those_of_the_trades_to_the_last_digit(
    market: "Lake", recorded: tuple[list[bytes], Truth]
) -> None:
    expected = bars_of(heard_trades(recorded[0]))

    assert {key: tuple(row[name] for name in COLUMNS) for key, row in gold_bars(market).items()} == expected


def test_a_bar_that_says_it_is_complete_is_the_truth(
    market: "Lake", recorded: tuple[list[bytes], Truth]
) -> None:
    truth = {(minute["product_id"], minute["minute"][:16]): minute for minute in recorded[1].minutes}
    made = gold_bars(market)

    complete = {key for key, row in made.items() if row["is_complete"]}
    lost = {key for key, row in made.items() if row["trade_count"] != truth[key]["trade_count"]}
    assert complete
    assert lost
    assert not complete & lost
    for key in complete:
        known = truth[key]
        assert tuple(
            made[key][name] for name in ("open", "high", "low", "close", "volume", "trade_count")
        ) == (
            *(Decimal(known[name]) for name in ("open", "high", "low", "close", "volume")),
            known["trade_count"],
        )


def test_gaps_are_those_of_the_ledger(market: "Lake", recorded: tuple[list[bytes], Truth]) -> None:
    _, truth = recorded
    gaps = truth.gaps
    missing = sum(gap["next_after"] - gap["last_before"] - 1 for gap in gaps)

    found = (
        market.table("gold.completeness_1m").groupBy("product_id").sum("sequence_gaps", "missing_messages")
    )

    assert len(gaps) > 2
    assert {tuple(row) for row in found.collect()} == {
        (product, len(gaps), missing) for product in truth.runs[0]["products"]
    }


def test_best_prices_are_those_of_the_exchange_wherever_the_book_is_known(
    market: "Lake", recorded: tuple[list[bytes], Truth]
) -> None:
    truth = {(minute["product_id"], minute["minute"][:16]): minute for minute in recorded[1].minutes}

    spreads = market.table("gold.spread_1m").collect()

    known = [row for row in spreads if row["best_bid"] is not None]
    assert len(known) > 4
    for row in known:
        minute = truth[row["product_id"], row["minute"].strftime("%Y-%m-%dT%H:%M")]
        assert (row["best_bid"], row["best_ask"]) == (
            Decimal(minute["best_bid"]),
            Decimal(minute["best_ask"]),
        )
    assert {row["crossed_events"] for row in spreads} == {0}
    assert any(row["valid_seconds"] < 60 for row in spreads)


def test_every_change_of_a_book_and_every_ticker_is_there_once(
    market: "Lake", recorded: tuple[list[bytes], Truth]
) -> None:
    heard: dict[str, set[tuple[Any, ...]]] = {"updates": set(), "tickers": set()}
    for line in recorded[0]:
        outer = json.loads(line)
        for frame in frames([line]):
            for place, event in enumerate(frame["events"]):
                for items, found in heard.items():
                    at = (outer["connection_id"], frame["sequence_num"], place)
                    found |= {(*at, number) for number, _ in enumerate(event.get(items, ()))}

    made = {
        table: [tuple(row) for row in market.table(f"silver.{table}").select(*key).collect()]
        for table, key in (("level2", (*POSITION, "update_index")), ("ticker", (*POSITION, "ticker_index")))
    }

    assert sorted(made["level2"]) == sorted(heard["updates"])
    assert sorted(made["ticker"]) == sorted(heard["tickers"])


def test_missing_trades_are_those_that_happened_and_were_not_heard(
    market: "Lake", recorded: tuple[list[bytes], Truth]
) -> None:
    lines, truth = recorded
    heard = heard_trades(lines)
    edges: dict[str, list[int]] = defaultdict(list)
    for product, number in heard:
        edges[product].append(number)
    expected = Counter(
        trade["product_id"]
        for trade in truth.trades
        if (trade["product_id"], int(trade["trade_id"])) not in heard
        and min(edges[trade["product_id"]]) < int(trade["trade_id"]) < max(edges[trade["product_id"]])
    )

    found = market.table("gold.completeness_1m").groupBy("product_id").sum("missing_trades")

    assert sum(expected.values()) > 0
    assert dict(map(tuple, found.collect())) == expected


def leave_behind(lake: "Lake", table: str) -> None:
    """Copy a data file to where the log knows of none, as a writer that was killed leaves it."""
    files = lake.s3.list_objects_v2(Bucket=lake.bucket, Prefix=f"{FOLDER}/{table}/product_id=")["Contents"]
    key = files[0]["Key"]
    copy = key.replace("/part-", "/part-left-behind-")
    lake.s3.copy_object(Bucket=lake.bucket, Key=copy, CopySource={"Bucket": lake.bucket, "Key": key})


@pytest.mark.parametrize("table", ["ticker", "level2", "market_trades"])
def test_polars_and_duckdb_read_what_spark_reads(market: "Lake", table: str) -> None:
    from tests.lakehouse.steps.readers import by_duckdb, by_polars, by_spark

    contract = load(Address("market_data", "silver", table))
    store = S3Store(market.bucket, region="us-east-1")
    uri = store.uri(f"{FOLDER}/{table}")
    expected = by_spark(market.spark, uri, contract)

    leave_behind(market, table)

    assert expected.rows > 0
    assert len(expected.partitions) == 4  # two products, two dates
    assert by_polars(uri, store.storage_options, contract) == expected
    assert by_duckdb(uri, store.storage_options, contract) == expected


def test_nothing_changes_when_the_run_is_repeated(market: "Lake") -> None:
    before = market.versions()

    market.run("three")

    assert market.versions() == before
