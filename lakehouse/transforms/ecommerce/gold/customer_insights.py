"""Value and habits of each customer: recency, frequency, monetary value (RFM) and favourites."""

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from lakehouse.transforms.ecommerce.allocation import allocate
from lakehouse.transforms.money import MONEY, average, cents, money

RECENT_DAYS = 7
LAPSING_DAYS = 30
OFTEN_ORDERS = 5
REPEAT_ORDERS = 2
HIGH_SPEND_CENTS = 250_00


def transform(*, products: DataFrame, orders: DataFrame, order_items: DataFrame) -> DataFrame:
    """Silver tables → ecommerce.gold.customer_insights.

    Recency counts from the latest order date in silver, never from the clock, so a rerun gives the same rows.
    """
    spend = orders.groupBy("user_id").agg(
        F.count("*").alias("order_count"),
        F.sum(cents(F.col("total_amount"))).alias("_cents"),
        F.min("order_timestamp").alias("first_order"),
        F.max("order_timestamp").alias("last_order"),
        F.max("date").alias("_last_date"),
    )
    today = orders.agg(F.max("date").alias("_today"))
    lines = allocate(orders, order_items).where("product_id is not null").join(products, "product_id")
    departments = _favourite(lines, ["department"], "department").select(
        "user_id", F.col("department").alias("favourite_department")
    )
    favourites = _favourite(lines, ["product_id", "product_name"], "product_id").select(
        "user_id",
        F.col("product_id").alias("favourite_product_id"),
        F.col("product_name").alias("favourite_product_name"),
    )
    customers = (
        spend.crossJoin(today).join(departments, "user_id", "left").join(favourites, "user_id", "left")
    )
    recency = F.date_diff("_today", "_last_date")
    return customers.select(
        "user_id",
        "order_count",
        money(F.col("_cents")).alias("total_spend"),
        average(F.col("_cents"), F.col("order_count") * 100, 2).cast(MONEY).alias("avg_order_value"),
        "first_order",
        "last_order",
        "favourite_department",
        "favourite_product_id",
        "favourite_product_name",
        rfm_segment(recency, F.col("order_count"), F.col("_cents")).alias("rfm_segment"),
    )


def rfm_segment(recency_days: Column, order_count: Column, spend_cents: Column) -> Column:
    """The first segment that fits; thresholds are documented in docs/data_model.md."""
    recent = recency_days <= RECENT_DAYS
    lapsing = ~recent & (recency_days <= LAPSING_DAYS)
    repeat = order_count >= REPEAT_ORDERS
    return (
        F.when(recent & (order_count >= OFTEN_ORDERS), "champions")
        .when(repeat & (recent | lapsing), "loyal")
        .when(repeat, "at_risk")
        .when(recent & (spend_cents >= HIGH_SPEND_CENTS), "promising")
        .when(recent, "new")
        .when(lapsing, "occasional")
        .otherwise("lapsed")
    )


def _favourite(lines: DataFrame, columns: list[str], tie_break: str) -> DataFrame:
    """By customer the group with most lines, then highest allocated sales, then lowest `tie_break`."""
    groups = lines.groupBy("user_id", *columns).agg(
        F.count("*").alias("_lines"), F.sum("cents").alias("_cents")
    )
    best_first = Window.partitionBy("user_id").orderBy(F.desc("_lines"), F.desc("_cents"), F.asc(tie_break))
    return groups.withColumn("_rank", F.row_number().over(best_first)).where("_rank = 1")
