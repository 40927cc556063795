"""Trades: those that a snapshot repeats are the same rows again."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from lakehouse.transforms.market_data.feed import (
    elements,
    fault_of,
    is_refused,
    not_positive,
    own_columns,
    precision,
    unknown,
    utc_date,
)
from lakehouse.transforms.market_data.payload import TRADE, TRADES


def transform(*, coinbase_messages: DataFrame) -> DataFrame:
    """market_data.bronze.coinbase_messages → market_data.silver.market_trades."""
    trades = elements(coinbase_messages, TRADES, "trades")
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


def refused_trades(events: Column) -> Column:
    """Products of the trades of a message that are refused; null for one that names none."""

    def of_event(event: Column) -> Column:
        refused = F.filter(
            event["trades"], lambda item: is_refused(item, "market_trades", TRADE, trade_rules(item))
        )
        return F.coalesce(
            F.transform(refused, lambda item: item["product_id"]), F.array(F.lit(None).cast("string"))
        )

    return F.flatten(F.transform(events, of_event))


def trade_rules(item: Column) -> list[Column]:
    """What a trade must be besides present and of its type."""
    return [
        precision(item, "price"),
        not_positive(item, "price"),
        precision(item, "size"),
        not_positive(item, "size"),
        unknown(item, "side", "BUY", "SELL"),
    ]
