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
from lakehouse.transforms.market_data.payload import TICKER


def transform(*, coinbase_messages: DataFrame) -> DataFrame:
    """market_data.bronze.coinbase_messages → market_data.silver.ticker."""
    tickers = elements(coinbase_messages, "ticker", "tickers")
    return tickers.select(
        *own_columns(coinbase_messages),
        "connection_id",
        "sequence_num",
        F.col("event_index").cast("string").alias("event_index"),
        F.col("item_index").cast("string").alias("ticker_index"),
        *(f"item.{name}" for name in TICKER),
        is_snapshot().alias("is_snapshot"),
        F.col("message_time").alias("time"),
        utc_date(F.col("message_time")).alias("date"),
        fault_of(not_positive(F.col("item"), "price")),
    )
