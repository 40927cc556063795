"""Bars of one UTC day."""

from pyspark.sql import DataFrame

from lakehouse.transforms.market_data.bars import bars


def transform(*, market_trades: DataFrame, messages: DataFrame) -> DataFrame:
    """Silver market_trades and messages → market_data.gold.ohlcv_1d."""
    return bars(market_trades, messages, 86_400)
