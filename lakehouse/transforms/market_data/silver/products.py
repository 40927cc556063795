"""Products that the recorder subscribed to, as its lines about connections and gaps name them."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from lakehouse.transforms.market_data.feed import own_columns


def transform(*, coinbase_messages: DataFrame) -> DataFrame:
    """market_data.bronze.coinbase_messages → market_data.silver.products."""
    own = [name for name in own_columns(coinbase_messages) if name != "_source_sheet"]
    named = coinbase_messages.select(
        *own, F.posexplode(F.from_json("products", "array<string>")).alias("position", "product_id")
    )
    currencies = F.split("product_id", "-")
    return named.select(
        *own,
        F.format_string("products[%d]", "position").alias("_source_sheet"),
        "product_id",
        F.get(currencies, F.lit(0)).alias("base_currency"),
        F.get(currencies, F.lit(1)).alias("quote_currency"),
    )
