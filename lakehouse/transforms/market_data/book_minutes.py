"""Order books minute by minute: one pass over level2 in the order of each connection's messages."""

from collections.abc import Iterator
from decimal import Decimal, localcontext
from itertools import groupby
from operator import itemgetter
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from lakehouse.transforms.held import held
from lakehouse.transforms.market_data.book import Book, Minute, State
from lakehouse.transforms.market_data.connections import counted_once, valid_time
from lakehouse.transforms.market_data.losses import numbered, refused, sequence_gaps, spans
from lakehouse.transforms.market_data.payload import BOOKS

PRICE, QUANTITY, VALUE = "decimal(20,10)", "decimal(38,10)", "decimal(37,20)"
MOMENTS, STRETCHES = "array<bigint>", "array<struct<begins: bigint, ends: bigint, is_valid: boolean>>"
_MINUTE = {
    "product_id": "string",
    "connection_id": "string",
    "minute": "bigint",
    "stretches": STRETCHES,
    "events": MOMENTS,
    "crossed": MOMENTS,
    "min_spread": PRICE,
    "max_spread": PRICE,
}
_STATE = {
    "changed": "bigint",
    "best_bid": PRICE,
    "best_ask": PRICE,
    "bid_levels": "bigint",
    "ask_levels": "bigint",
    "bid_quantity": QUANTITY,
    "ask_quantity": QUANTITY,
    "bid_value": VALUE,
    "ask_value": VALUE,
}
_ARROW = {
    "string": pa.string(),
    "bigint": pa.int64(),
    MOMENTS: pa.list_(pa.int64()),
    STRETCHES: pa.list_(pa.struct({"begins": pa.int64(), "ends": pa.int64(), "is_valid": pa.bool_()})),
    PRICE: pa.decimal128(20, 10),
    QUANTITY: pa.decimal128(38, 10),
    VALUE: pa.decimal128(37, 20),
}
_WIRE = {**_MINUTE, **_STATE}
_SCHEMA = pa.schema([(name, _ARROW[kind]) for name, kind in _WIRE.items()])
_ROWS_PER_BATCH = 10_000
_ORDER = ("product_id", "connection_id", "sequence_num", "event_index", "update_index")

type Row = dict[str, Any]


def book_minutes(level2: DataFrame, messages: DataFrame) -> DataFrame:
    """A row for each product and minute in which its book was valid, or known and crossed by an event.

    Columns: product_id, start; valid_seconds, events, crossed, min_spread, max_spread; best_bid, best_ask, bid_levels,
    ask_levels, and quantity and value (in the quote currency) of the best levels of each side, at the end of the minute
    and null where the book was not valid then. Where several connections had a book, the one that changed last counts
    at the end; time and events count once.
    """
    steps = _updates(level2).unionByName(_marks(level2, messages))
    keyed = steps.repartition("product_id", "connection_id").sortWithinPartitions(*_ORDER)
    wire = ", ".join(f"{name} {kind}" for name, kind in _WIRE.items())
    minutes = keyed.mapInArrow(_replay, wire)
    at_end = [F.max_by(name, "changed").alias(name) for name in _STATE if name != "changed"]
    of_connection = F.struct("stretches", "connection_id", "events", "crossed")
    merged = minutes.groupBy("product_id", "minute").agg(
        F.array_sort(F.collect_list(of_connection)).alias("books"),
        F.min("min_spread").alias("min_spread"),
        F.max("max_spread").alias("max_spread"),
        *at_end,
    )
    stretches = F.flatten("books.stretches")
    return held(
        merged.select(
            "product_id",
            F.timestamp_micros("minute").alias("start"),
            (valid_time(stretches) / 1_000_000).cast("decimal(8,6)").alias("valid_seconds"),
            counted_once(F.col("books"), "events").alias("events"),
            counted_once(F.col("books"), "crossed").alias("crossed"),
            "min_spread",
            "max_spread",
            *(name for name in _STATE if name != "changed"),
        )
    )


def _updates(level2: DataFrame) -> DataFrame:
    return level2.select(
        *_ORDER,
        F.unix_micros("time").alias("time"),
        F.when(F.col("is_snapshot"), "snapshot").otherwise("update").alias("step"),
        "side",
        F.col("price_level").alias("price"),
        F.col("new_quantity").alias("quantity"),
    )


def _marks(level2: DataFrame, messages: DataFrame) -> DataFrame:
    """Where a connection lost messages, or silver a level of one, and where it was heard last: steps of books."""
    heard, books = numbered(messages), level2.select("product_id", "connection_id").distinct()
    lost = sequence_gaps(heard).select(
        "connection_id", "sequence_num", F.col("begins").alias("time"), F.lit("lose").alias("step")
    )
    ended = spans(heard).select("connection_id", F.col("last_number") + 1, "ends", F.lit("end"))
    of_levels = refused(messages, books).where(F.col("channel") == BOOKS)
    marks = (
        lost.union(ended)
        .join(books, "connection_id")
        .unionByName(of_levels.drop("channel").withColumn("step", F.lit("refuse")))
    )
    return marks.select(
        "product_id",
        "connection_id",
        "sequence_num",
        # Before whatever the message itself brings.
        F.lit(-1).alias("event_index"),
        # A message of which a level was refused may follow a gap.
        F.when(F.col("step") == "refuse", 0).otherwise(-1).alias("update_index"),
        F.unix_micros("time").alias("time"),
        "step",
        F.lit(None).cast("string").alias("side"),
        F.lit(None).cast(PRICE).alias("price"),
        F.lit(None).cast("decimal(27,10)").alias("quantity"),
    )


def _replay(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Steps in order → minutes; a book is held whole, its steps are not."""
    rows = (row for batch in batches for row in batch.to_pylist())
    made: list[Row] = []
    for (product_id, connection_id), steps in groupby(rows, itemgetter("product_id", "connection_id")):
        for minute in _minutes(steps):
            made.append(_as_row(product_id, connection_id, minute))
            if len(made) == _ROWS_PER_BATCH:
                yield pa.RecordBatch.from_pylist(made, schema=_SCHEMA)
                made = []
    yield pa.RecordBatch.from_pylist(made, schema=_SCHEMA)


def _minutes(steps: Iterator[Row]) -> Iterator[Minute]:
    """A message of which a level was refused does nothing but lose the book: its snapshot is not whole either."""
    book, time, refused_message = Book(), 0, None
    for (message, *_), rows in groupby(steps, itemgetter("sequence_num", "event_index", "step")):
        event = list(rows)
        step, time = event[0]["step"], max(time, event[0]["time"])
        if step in {"lose", "refuse"}:
            yield from book.lose(time)
            refused_message = message if step == "refuse" else None
        elif step != "end" and message != refused_message:
            yield from book.event(time, map(_level, event), is_snapshot=step == "snapshot")
    yield from book.end(time)


def _level(row: Row) -> tuple[str, Decimal, Decimal]:
    return row["side"], row["price"], row["quantity"]


def _as_row(product_id: str, connection_id: str, minute: Minute) -> Row:
    return {
        "product_id": product_id,
        "connection_id": connection_id,
        "minute": minute.start,
        "stretches": [
            dict(zip(("begins", "ends", "is_valid"), one, strict=True)) for one in minute.stretches
        ],
        "events": minute.events,
        "crossed": minute.crossed,
        "min_spread": minute.min_spread,
        "max_spread": minute.max_spread,
        **(_state(minute.at_end) if minute.at_end else {}),
    }


def _state(state: State) -> Row:
    with localcontext(prec=76):  # Python's own 28 digits would round
        return _state_exactly(state)


def _state_exactly(state: State) -> Row:
    return {
        "changed": state.changed,
        "best_bid": state.best_bid,
        "best_ask": state.best_ask,
        "bid_levels": state.bid_levels,
        "ask_levels": state.ask_levels,
        "bid_quantity": sum((quantity for _, quantity in state.bids), Decimal(0)),
        "ask_quantity": sum((quantity for _, quantity in state.asks), Decimal(0)),
        "bid_value": sum((price * quantity for price, quantity in state.bids), Decimal(0)),
        "ask_value": sum((price * quantity for price, quantity in state.asks), Decimal(0)),
    }
