"""Trades: those that a snapshot repeats are the same rows again."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from lakehouse.transforms.market_data.feed import (
    elements,
    fault_of,
    not_positive,
    own_columns,
    precision,
    unknown,
    utc_date,
)

_TRADE = "trade_id: string, product_id: string, price: string, size: string, side: string, time: string"


def transform(*, coinbase_messages: DataFrame) -> DataFrame:
    """market_data.bronze.coinbase_messages → market_data.silver.market_trades."""
    trades = elements(coinbase_messages, "market_trades", "trades", "type: string", _TRADE)
    return trades.select(
        *own_columns(coinbase_messages),
        "item.product_id",
        "item.trade_id",
        "item.price",
        "item.size",
        "item.side",
        "item.time",
        utc_date(F.col("item.time")).alias("date"),
        fault_of(*trade_rules(F.col("item"))),
    )


def trade_rules(item: Column) -> list[Column]:
    """What a trade must be besides present and of its type."""
    return [
        precision(item, "price"),
        not_positive(item, "price"),
        precision(item, "size"),
        not_positive(item, "size"),
        unknown(item, "side", "BUY", "SELL"),
    ]
