"""Changes of order books: one row per level that a message sets."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from lakehouse.transforms.market_data.feed import (
    elements,
    fault_of,
    is_refused,
    is_snapshot,
    negative,
    not_positive,
    own_columns,
    precision,
    unknown,
    utc_date,
)
from lakehouse.transforms.market_data.payload import BOOKS, UPDATE


def transform(*, coinbase_messages: DataFrame) -> DataFrame:
    """market_data.bronze.coinbase_messages → market_data.silver.level2."""
    updates = elements(coinbase_messages, BOOKS, "updates")
    return updates.select(
        *own_columns(coinbase_messages),
        "connection_id",
        "sequence_num",
        F.col("event_index").cast("string").alias("event_index"),
        F.col("item_index").cast("string").alias("update_index"),
        "event.product_id",
        "item.side",
        "item.price_level",
        "item.new_quantity",
        is_snapshot().alias("is_snapshot"),
        F.col("message_time").alias("time"),
        "item.event_time",
        utc_date(F.col("message_time")).alias("date"),
        fault_of(*level_rules(F.col("item"))),
    )


def refused_books(events: Column) -> Column:
    """Products of the events of a message of which a level is refused; null for one that the event does not name.

    A snapshot without levels counts as one: it has no row that would end the book before it.
    """

    def is_refused_one(event: Column) -> Column:
        is_of_none = F.nullif(event["product_id"], F.lit("")).isNull()
        is_of_no_kind = ~F.coalesce(event["type"].isin("snapshot", "update"), F.lit(False))
        level = F.exists(
            event["updates"],
            lambda item: is_refused(item, "level2", UPDATE, level_rules(item)),
        )
        is_snapshot_of_none = F.coalesce(event["type"] == "snapshot", F.lit(False))
        return F.when(F.size(event["updates"]) == 0, is_snapshot_of_none).otherwise(
            is_of_none | is_of_no_kind | F.coalesce(level, F.lit(True))
        )

    return F.transform(F.filter(events, is_refused_one), lambda event: event["product_id"])


def level_rules(item: Column) -> list[Column]:
    """What a level must be besides present and of its type."""
    return [
        unknown(item, "side", "bid", "offer"),
        precision(item, "price_level"),
        not_positive(item, "price_level"),
        precision(item, "new_quantity"),
        negative(item, "new_quantity"),
    ]
