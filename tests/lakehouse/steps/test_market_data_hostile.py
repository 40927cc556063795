"""Segments with lines that no recorder should write and messages that no exchange should send: the rest loads."""

import gzip
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
SEGMENT, PACKED, EMPTY, BROKEN = (
    "segment_20260407T14_00001.ndjson",
    "segment_20260407T14_00002.ndjson.gz",
    "segment_20260407T14_00003.ndjson",
    "segment_20260407T14_00004.ndjson.gz",
)
CONNECTION = "c" * 32


def trade(number: int, product: str = "BTC-USD", **members: str) -> dict[str, str]:
    of_trade = {"trade_id": str(number), "product_id": product, "price": "100.5", "size": "0.25"}
    return {**of_trade, "side": "BUY", "time": "2026-04-07T14:30:01.5Z", **members}


def frame(sequence_num: int, *events: object, channel: str = "market_trades") -> bytes:
    envelope = {"channel": channel, "client_id": "", "timestamp": "2026-04-07T14:30:02.123456789Z"}
    return json.dumps({**envelope, "sequence_num": sequence_num, "events": events}).encode()


def trades(sequence_num: int, *of: dict[str, str]) -> bytes:
    return frame(sequence_num, {"type": "update", "trades": of})


def level(product: str) -> dict[str, object]:
    change = {"side": "bid", "event_time": "1970-01-01T00:00:00Z", "price_level": "7", "new_quantity": "2"}
    return {"type": "snapshot", "product_id": product, "updates": [change]}


def levels(*of: dict[str, str]) -> dict[str, object]:
    """An update of the book of BTC-USD."""
    sound = {"side": "offer", "event_time": "1970-01-01T00:00:00Z", "price_level": "8", "new_quantity": "0"}
    return {"type": "update", "product_id": "BTC-USD", "updates": [{**sound, **change} for change in of]}


def prices(*of: str) -> dict[str, object]:
    """Tickers of BTC-USD."""
    return {"type": "update", "tickers": [{"product_id": "BTC-USD", "price": price} for price in of]}


def lines() -> list[bytes]:
    """The lines of SEGMENT, from row 1."""
    recorder = Envelope()

    def message(payload: bytes) -> bytes:
        return recorder.message(CONNECTION, NOW + recorder.counter, payload)

    twice = trades(5, trade(5)).replace(b'"size": "0.25"', b'"size": "0.25", "size": "0.75"')
    return [
        recorder.event("connected", CONNECTION, NOW, products=["BTC-USD"], channels=[], endpoint="wss://e"),
        message(trades(0, trade(1))),
        b"no object at all\n",
        b'{"kind":"message","recorder_id":"\xff"}\n',
        b'{"kind":"message","recorder_id":"\0"}\n',
        b'{"kind":"message","kind":"gap"}\n',
        message(trades(1, trade(2), trade(3, "DOGE-USD"), trade(4, price="a lot"))),
        message(b'{"channel":"market_trades","timest'),
        message(b"\xff\xfe no text"),
        message(twice),
        message(frame(6, {"type": "candle"}, channel="candles")),
        message(frame(7, {"type": "update", "trades": "none"}, {"type": "update", "trades": [trade(6)]})),
        message(
            b'{"channel":"market_trades","timestamp":"2026-04-07T14:30:02Z","sequence_num":8,"events":5}'
        ),
        message(b'{"type":"error","message":"no such channel"}'),
        b'{"kind":"rumour","recorder_id":"r","connection_id":"c","counter":1,"received_ns":1775572200000000000}\n',
        message(frame(11, level("BTC-USD"), level("DOGE-USD"), channel="l2_data")),
        message(
            trades(
                12,
                trade(9, price="0.12345678901", size="0.1234567890"),
                trade(14, size="12345e-14"),
                trade(15, size="25e-2"),
            )
        ),
        message(
            frame(
                13,
                levels(
                    {"side": "ask"},
                    {"price_level": "-5"},
                    {"price_level": "0"},
                    {"new_quantity": "-0.1"},
                    {},
                    {"price_level": "0.12345678901"},
                    {"new_quantity": "a lot"},
                ),
                channel="l2_data",
            )
        ),
        message(
            trades(
                14, trade(10, side="buy"), trade(11, price="-5"), trade(12, price="0"), trade(13, size="0")
            )
        ),
        message(frame(15, prices("0", "-1", "7"), channel="ticker")),
        message(trades(9, trade(7)))[:-20],
    ]


@pytest.fixture(scope="module")
def market(spark: "SparkSession", s3: "S3Client") -> "Lake":
    from tests.lakehouse.steps.lake import Lake

    lake = Lake.of_its_own(spark, s3, "market_data")
    lake.deliver("coinbase_messages", SEGMENT, b"".join(lines()))
    packed = Envelope().message(CONNECTION, NOW, trades(10, trade(8, time="2026-04-07T16:30:01.5+02:00")))
    lake.deliver("coinbase_messages", PACKED, gzip.compress(packed))
    lake.deliver("coinbase_messages", EMPTY, b"")
    lake.deliver("coinbase_messages", BROKEN, gzip.compress(packed * 9)[:-12])
    run = lake.a_run("one")
    for layer in ("bronze", "silver"):
        lake.candidate(layer, run)
        lake.publish(layer, run)
    return lake


def refused(market: "Lake", table: str) -> set[tuple[str, int, str]]:
    """Rule, row and part of each rejected row of SEGMENT."""
    rows = market.table(f"rejected.{table}").collect()
    assert {row["_source_file"].rpartition("/")[2] for row in rows} == {SEGMENT}
    return {(row["rule"], row["_source_row"], row["_source_sheet"]) for row in rows}


def test_files_are_loaded_or_say_why_not(market: "Lake") -> None:
    from lakehouse.steps.candidate import read_candidates

    files = read_candidates(market.a_run("one"), "bronze")["coinbase_messages"].files
    told = {file["uri"].rpartition("/")[2]: (file["status"], file["rows"], file["reason"]) for file in files}

    assert told[SEGMENT] == ("loaded", 21, None)
    assert told[PACKED] == ("loaded", 1, None)
    assert told[EMPTY] == ("loaded", 0, None)
    assert told[BROKEN][:2] == ("failed", 0)
    assert "breaks off" in str(told[BROKEN][2])
    assert market.table("bronze.coinbase_messages").count() == 22


def test_each_bad_line_is_rejected_with_reason_and_position(market: "Lake") -> None:
    assert refused(market, "messages") == {
        ("malformed:no_json", 3, ""),
        ("malformed:invalid_utf8", 4, ""),
        ("malformed:nul", 5, ""),
        ("malformed:duplicate_key", 6, ""),
        ("malformed:payload", 8, ""),
        ("malformed:invalid_utf8", 9, ""),
        ("malformed:payload", 10, ""),
        ("unknown:channel", 11, ""),
        ("malformed:events", 13, ""),
        ("unknown:kind", 15, ""),
        ("malformed:truncated", 21, ""),
    }
    kept = market.table("silver.messages").orderBy("_source_hash", "_source_row")
    of_segment = [row["channel"] for row in kept.collect() if row["_source_file"].endswith(SEGMENT)]
    assert of_segment == [
        None,
        "market_trades",
        "market_trades",
        "market_trades",
        "error",
        "l2_data",
        "market_trades",
        "l2_data",
        "market_trades",
        "ticker",
    ]


def test_a_message_names_the_products_of_what_was_refused_of_it(market: "Lake") -> None:
    rows = market.table("silver.messages").where("refused_products is not null").collect()
    assert {row["_source_row"]: row["refused_products"] for row in rows} == {
        7: '["BTC-USD"]',
        12: "[null]",
        17: '["BTC-USD"]',
        18: '["BTC-USD"]',
        19: '["BTC-USD"]',
    }


def test_each_bad_trade_is_rejected_with_reason_and_position(market: "Lake") -> None:
    assert refused(market, "market_trades") == {
        ("reference:product_id", 7, "events[0].trades[1]"),
        ("type:price", 7, "events[0].trades[2]"),
        ("malformed:event", 12, "events[0]"),
        ("precision:price", 17, "events[0].trades[0]"),
        ("precision:size", 17, "events[0].trades[1]"),
        ("unknown:side", 19, "events[0].trades[0]"),
        ("range:price", 19, "events[0].trades[1]"),
        ("range:price", 19, "events[0].trades[2]"),
        ("range:size", 19, "events[0].trades[3]"),
    }


def test_each_bad_level_is_rejected_with_reason_and_position(market: "Lake") -> None:
    assert refused(market, "level2") == {
        ("reference:product_id", 16, "events[1].updates[0]"),
        ("unknown:side", 18, "events[0].updates[0]"),
        ("range:price_level", 18, "events[0].updates[1]"),
        ("range:price_level", 18, "events[0].updates[2]"),
        ("range:new_quantity", 18, "events[0].updates[3]"),
        ("precision:price_level", 18, "events[0].updates[5]"),
        ("type:new_quantity", 18, "events[0].updates[6]"),
    }
    assert {(row["product_id"], row["side"]) for row in market.rows("silver.level2")} == {
        ("BTC-USD", "bid"),
        ("BTC-USD", "offer"),
    }


def test_each_price_that_is_not_positive_is_rejected_with_reason_and_position(market: "Lake") -> None:
    assert refused(market, "ticker") == {
        ("range:price", 20, "events[0].tickers[0]"),
        ("range:price", 20, "events[0].tickers[1]"),
    }
    categories = {row["category"] for row in market.table("rejected.ticker").collect()}
    assert categories == {"quality"}
    assert [row["price"] for row in market.rows("silver.ticker")] == ["7.0000000000"]


def test_what_was_sound_is_there(market: "Lake") -> None:
    rows = market.rows("silver.market_trades")

    assert [row["trade_id"] for row in rows] == ["1", "15", "2", "6", "8"]
    assert {(row["price"], row["size"], row["time"], row["date"]) for row in rows} == {
        ("100.5000000000", "0.2500000000", "2026-04-07 14:30:01.5", "2026-04-07")
    }


def test_a_product_that_is_named_later_brings_its_trades(market: "Lake") -> None:
    late = Envelope().event(
        "connected", "d" * 32, NOW, products=["DOGE-USD"], channels=[], endpoint="wss://e"
    )
    market.deliver("coinbase_messages", "segment_20260407T14_00005.ndjson", late)
    run = market.a_run("two")
    for layer in ("bronze", "silver"):
        market.candidate(layer, run)
        market.publish(layer, run)

    assert "3" in {row["trade_id"] for row in market.rows("silver.market_trades")}
    assert {row["product_id"] for row in market.rows("silver.level2")} == {"BTC-USD", "DOGE-USD"}
    assert {row["_source_row"] for row in market.table("rejected.level2").collect()} == {18}
    assert ("reference:product_id", 7, "events[0].trades[1]") not in refused(market, "market_trades")
