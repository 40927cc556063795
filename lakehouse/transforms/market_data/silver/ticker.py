"""Prices and statistics of products as the exchange tells them."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from lakehouse.transforms.market_data.feed import (
    elements,
    fault_of,
    is_snapshot,
    not_positive,
    own_columns,
    utc_date,
)

_FIELDS = (
    "product_id",
    "price",
    "volume_24_h",
    "low_24_h",
    "high_24_h",
    "low_52_w",
    "high_52_w",
    "price_percent_chg_24_h",
    "best_bid",
    "best_bid_quantity",
    "best_ask",
    "best_ask_quantity",
)


def transform(*, coinbase_messages: DataFrame) -> DataFrame:
    """market_data.bronze.coinbase_messages → market_data.silver.ticker."""
    fields = ", ".join(f"{name}: string" for name in _FIELDS)
    tickers = elements(coinbase_messages, "ticker", "tickers", "type: string", fields)
    return tickers.select(
        *own_columns(coinbase_messages),
        "connection_id",
        "sequence_num",
        F.col("event_index").cast("string").alias("event_index"),
        F.col("item_index").cast("string").alias("ticker_index"),
        *(f"item.{name}" for name in _FIELDS),
        is_snapshot().alias("is_snapshot"),
        F.col("message_time").alias("time"),
        utc_date(F.col("message_time")).alias("date"),
        fault_of(not_positive(F.col("item"), "price")),
    )
