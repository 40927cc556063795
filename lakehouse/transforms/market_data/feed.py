"""What tables of the feed have in common: the elements of a channel's messages, and the rules that these must keep."""

from collections.abc import Sequence
from functools import reduce
from operator import or_

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from lakehouse.address import Address
from lakehouse.contract import load
from lakehouse.records.cast import FAULT, typed_value
from lakehouse.transforms.market_data.payload import parsed

_ELEVEN_DECIMALS = r"\.\d{10}\d*[1-9]"


def own_columns(lines: DataFrame) -> list[str]:
    """The engine's columns of a line, which go with whatever is made from it."""
    return [name for name in lines.columns if name.startswith("_")]


def elements(lines: DataFrame, channel: str, items: str) -> DataFrame:
    """A row for each element of `events[].<items>` of a channel's messages.

    Columns: the engine's, `connection_id`, `sequence_num`, `message_time`, `event_index` and `event` (its `type` and
    `product_id`), `item_index` and `item`. An event without the array is a row with a fault, and `item` null.
    """
    of_channel = (F.col("kind") == "message") & (F.col("message.channel") == channel) & F.col("is_sound")
    own = [name for name in own_columns(lines) if name != "_source_sheet"]
    events = (
        parsed(lines)
        .where(of_channel)
        .select(
            *own,
            "connection_id",
            "message.sequence_num",
            F.col("message.timestamp").alias("message_time"),
            F.posexplode("message.events").alias("event_index", "event"),
        )
        .withColumn("items", F.col(f"event.{items}"))
        .withColumn("event", F.struct("event.type", "event.product_id"))
        .where(F.coalesce(F.size("items") != 0, F.lit(True)))
    )
    found = events.select("*", F.posexplode_outer("items").alias("item_index", "item")).drop("items")
    place = F.format_string(f"events[%d].{items}[%d]", "event_index", "item_index")
    return found.select(
        "*",
        F.when(F.col("item_index").isNull(), F.format_string("events[%d]", "event_index"))
        .otherwise(place)
        .alias("_source_sheet"),
        F.when(F.col("item").isNull(), F.lit("malformed:event")).alias(FAULT),
    )


def utc_date(time: Column) -> Column:
    """The UTC date of a time in text, as text."""
    return F.to_date(typed_value(time, "timestamp")).cast("string")


def is_snapshot() -> Column:
    """Whether an element's event is a snapshot, as text; null for an event that is neither that nor an update."""
    kind = F.col("event.type")
    return F.when(kind.isin("snapshot", "update"), (kind == "snapshot").cast("string"))


def fault_of(*rules: Column) -> Column:
    """The element's fault, or the first of these rules that it breaks."""
    return F.coalesce(FAULT, *rules).alias(FAULT)


def is_refused(item: Column, table: str, members: Sequence[str], rules: Sequence[Column]) -> Column:
    """Whether silver refuses an element, for these rules or because a member is no value of the table's column."""
    broken = [item.isNull(), *(rule.isNotNull() for rule in rules)]
    for column in load(Address("market_data", "silver", table)).columns:
        if column.name in members:
            is_empty = F.coalesce(F.btrim(item[column.name]) == "", F.lit(True))
            is_none = typed_value(item[column.name], column.physicalType).isNull()
            broken.append(is_none if column.required else is_none & ~is_empty)
    return reduce(or_, broken)


def unknown(item: Column, name: str, *known: str) -> Column:
    """The rule that a member breaks which is none of the words that the exchange has for it."""
    return F.when(~item[name].isin(*known), F.lit(f"unknown:{name}"))


def precision(item: Column, name: str) -> Column:
    """The rule that a number breaks which has more than the ten decimals that silver keeps: none is rounded."""
    by_exponent, value = item[name].rlike("[eE]"), typed_value(item[name], "double")
    is_rounded = by_exponent & (value != _number(item, name).cast("double"))
    return F.when(item[name].rlike(_ELEVEN_DECIMALS) | is_rounded, F.lit(f"precision:{name}"))


def not_positive(item: Column, name: str) -> Column:
    """The rule that a number breaks which is not above 0."""
    return F.when(_number(item, name) <= 0, F.lit(f"range:{name}"))


def negative(item: Column, name: str) -> Column:
    """The rule that a number breaks which is below 0."""
    return F.when(_number(item, name) < 0, F.lit(f"range:{name}"))


def _number(item: Column, name: str) -> Column:
    return typed_value(item[name], "decimal(38,10)")
