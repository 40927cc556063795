"""Sales of each department on each business date."""

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from lakehouse.transforms.ecommerce.allocation import UNALLOCATED, allocate
from lakehouse.transforms.money import RATE, average, money


def transform(*, products: DataFrame, orders: DataFrame, order_items: DataFrame) -> DataFrame:
    """Silver tables → ecommerce.gold.department_analytics, by department *name*."""
    lines = allocate(orders, order_items).join(
        products.select("product_id", "department"), "product_id", "left"
    )
    by_department = (
        lines.withColumn("department", F.coalesce("department", F.lit(UNALLOCATED)))
        .groupBy("department", "date")
        .agg(
            F.countDistinct("product_id").alias("product_count"),
            F.countDistinct("order_id").alias("order_count"),
            F.countDistinct("user_id").alias("customer_count"),
            F.count("product_id").alias("item_count"),
            F.sum("cents").alias("_cents"),
        )
        .withColumn("_total", F.sum("_cents").over(Window.partitionBy("date")))
    )
    return by_department.select(
        "department",
        "date",
        "product_count",
        "order_count",
        "customer_count",
        "item_count",
        money(F.col("_cents")).alias("allocated_sales"),
        average(F.col("_cents"), F.col("_total"), 4).cast(RATE).alias("share_of_sales"),
    )
