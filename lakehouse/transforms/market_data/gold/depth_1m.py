"""How much could be traded at the end of each minute, from the order book."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from lakehouse.transforms.market_data.book_minutes import book_minutes


def transform(*, level2: DataFrame, messages: DataFrame) -> DataFrame:
    """Silver level2 and messages → market_data.gold.depth_1m: minutes at whose end the book was valid."""
    known = book_minutes(level2, messages).where("bid_levels is not null")
    return known.select(
        "product_id",
        F.col("start").alias("minute"),
        "bid_levels",
        "ask_levels",
        "bid_quantity",
        "ask_quantity",
        "bid_value",
        "ask_value",
        F.to_date("start").alias("date"),
    )
