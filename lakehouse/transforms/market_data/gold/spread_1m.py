"""Best prices of each minute, from the order book."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from lakehouse.transforms.market_data.book_minutes import book_minutes


def transform(*, level2: DataFrame, messages: DataFrame) -> DataFrame:
    """Silver level2 and messages → market_data.gold.spread_1m."""
    return book_minutes(level2, messages).select(
        "product_id",
        F.col("start").alias("minute"),
        "best_bid",
        "best_ask",
        (F.col("best_ask") - F.col("best_bid")).cast("decimal(20,10)").alias("spread"),
        "min_spread",
        "max_spread",
        F.col("events").alias("book_events"),
        F.col("crossed").alias("crossed_events"),
        "valid_seconds",
        F.to_date("start").alias("date"),
    )
