"""Changes of order books: one row per level that a message sets."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from lakehouse.transforms.market_data.feed import (
    elements,
    fault_of,
    is_snapshot,
    negative,
    not_positive,
    own_columns,
    precision,
    unknown,
    utc_date,
)

_EVENT = "type: string, product_id: string"
_UPDATE = "side: string, event_time: string, price_level: string, new_quantity: string"


def transform(*, coinbase_messages: DataFrame) -> DataFrame:
    """market_data.bronze.coinbase_messages → market_data.silver.level2."""
    updates = elements(coinbase_messages, "l2_data", "updates", _EVENT, _UPDATE)
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


def level_rules(item: Column) -> list[Column]:
    """What a level must be besides present and of its type."""
    return [
        unknown(item, "side", "bid", "offer"),
        precision(item, "price_level"),
        not_positive(item, "price_level"),
        precision(item, "new_quantity"),
        negative(item, "new_quantity"),
    ]
