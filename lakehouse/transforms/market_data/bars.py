"""Bars: open, high, low, close and volume of the trades of each period, by the exchange's time in UTC."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from lakehouse.transforms.market_data.amounts import quote_amount
from lakehouse.transforms.market_data.completeness import judge
from lakehouse.transforms.market_data.losses import later


def bars(trades: DataFrame, messages: DataFrame, seconds: int) -> DataFrame:
    """Silver market_trades and messages → bars of so many seconds, which divide a day; none for an empty period."""
    begin = F.timestamp_seconds(F.floor(F.unix_seconds("time") / seconds) * seconds)
    moment = F.struct("time", "trade_id")
    made = (
        trades.withColumn("start", begin)
        .groupBy("product_id", "start")
        .agg(
            F.min_by("price", moment).alias("open"),
            F.max("price").alias("high"),
            F.min("price").alias("low"),
            F.max_by("price", moment).alias("close"),
            F.sum("size").cast("decimal(38,10)").alias("volume"),
            quote_amount(F.col("price"), F.col("size")).alias("quote_volume"),
            F.count("*").alias("trade_count"),
        )
        .withColumn("end", later(F.col("start"), seconds))
    )
    judged = judge(made, trades, messages).withColumn("date", F.to_date("start"))
    return judged.select(
        "product_id",
        "start",
        "open",
        "high",
        "low",
        "close",
        "volume",
        "quote_volume",
        "trade_count",
        "is_complete",
        "is_final",
        "date",
    )
