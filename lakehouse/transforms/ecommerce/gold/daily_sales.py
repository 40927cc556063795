"""Sales of each business date."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from lakehouse.transforms.money import MONEY, RATE, average, cents, money


def transform(*, orders: DataFrame, order_items: DataFrame) -> DataFrame:
    """Silver orders and order_items → ecommerce.gold.daily_sales. A line counts on its order's date."""
    by_date = orders.groupBy("date").agg(
        F.count("*").alias("order_count"),
        F.countDistinct("user_id").alias("customer_count"),
        F.sum(cents(F.col("total_amount"))).alias("_cents"),
    )
    lines = (
        order_items.select("order_id", "product_id", "reordered")
        .join(orders.select("order_id", "date"), "order_id")
        .groupBy("date")
        .agg(
            F.count("*").alias("_lines"),
            F.countDistinct("product_id").alias("_products"),
            F.count_if(F.col("reordered") == 1).alias("_reordered"),
        )
    )
    daily = by_date.join(lines, "date", "left").fillna(0, ["_lines", "_products", "_reordered"])
    return daily.select(
        "date",
        "order_count",
        "customer_count",
        F.col("_lines").alias("item_count"),
        F.col("_products").alias("product_count"),
        money(F.col("_cents")).alias("total_sales"),
        average(F.col("_cents"), F.col("order_count") * 100, 2).cast(MONEY).alias("avg_order_value"),
        average(F.col("_lines"), F.col("order_count"), 2).cast(MONEY).alias("avg_items_per_order"),
        average(F.col("_reordered"), F.col("_lines"), 4).cast(RATE).alias("reorder_rate"),
    )
