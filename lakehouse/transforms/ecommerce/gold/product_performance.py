"""Sales of each product over all time."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from lakehouse.transforms.ecommerce.allocation import UNALLOCATED, UNALLOCATED_PRODUCT_ID, allocate
from lakehouse.transforms.money import MONEY, RATE, average, money


def transform(*, products: DataFrame, orders: DataFrame, order_items: DataFrame) -> DataFrame:
    """Silver tables → ecommerce.gold.product_performance: every product, sold or not, and the unallocated row."""
    sold = (
        allocate(orders, order_items)
        .withColumn("_product", F.coalesce("product_id", F.lit(UNALLOCATED_PRODUCT_ID)))
        .groupBy(F.col("_product").alias("product_id"))
        .agg(
            F.countDistinct("order_id").alias("_orders"),
            F.count("product_id").alias("_lines"),
            F.countDistinct("user_id").alias("_customers"),
            F.sum("cents").alias("_cents"),
            F.count_if(F.col("reordered") == 1).alias("_reordered"),
            F.sum("add_to_cart_order").alias("_positions"),
            F.min("date").alias("first_sold"),
            F.max("date").alias("last_sold"),
        )
    )
    named = products.select("product_id", "product_name", "department_id", "department")
    unallocated = sold.where(F.col("product_id") == UNALLOCATED_PRODUCT_ID).select(
        "product_id",
        F.lit(UNALLOCATED).alias("product_name"),
        F.lit(None).cast("bigint").alias("department_id"),
        F.lit(UNALLOCATED).alias("department"),
    )
    performance = named.unionByName(unallocated).join(sold, "product_id", "left")
    performance = performance.fillna(
        0, ["_orders", "_lines", "_customers", "_cents", "_reordered", "_positions"]
    )
    return performance.select(
        *named.columns,
        F.col("_orders").alias("order_count"),
        F.col("_lines").alias("item_count"),
        F.col("_customers").alias("customer_count"),
        money(F.col("_cents")).alias("allocated_sales"),
        average(F.col("_reordered"), F.col("_lines"), 4).cast(RATE).alias("reorder_rate"),
        average(F.col("_positions"), F.col("_lines"), 2).cast(MONEY).alias("avg_cart_position"),
        "first_sold",
        "last_sold",
    )
