"""Share an order's amount over its lines: the source gives no price per line.

Equal shares in whole cents; the cents that remain go one each to the lines first put into the cart (lowest
add_to_cart_order, then lowest product_id). An order without a line keeps its amount on one unallocated line, so
that every table that sums lines sums to the orders' amounts exactly.
"""

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from lakehouse.transforms.money import cents

UNALLOCATED = "unallocated"
UNALLOCATED_PRODUCT_ID = -1


def allocate(orders: DataFrame, order_items: DataFrame) -> DataFrame:
    """One row per published line, and one per order without lines.

    Columns: order_id, user_id, date (the order's), product_id (null on an unallocated line), add_to_cart_order,
    reordered, cents (bigint, sums to the orders' total_amount).
    """
    lines = orders.select("order_id", "user_id", "date", cents(F.col("total_amount")).alias("_amount")).join(
        order_items.select("order_id", "product_id", "add_to_cart_order", "reordered"), "order_id", "left"
    )
    of_order = Window.partitionBy("order_id")
    position = F.row_number().over(of_order.orderBy("add_to_cart_order", "product_id"))
    line_count = F.count("*").over(of_order)
    spare = F.pmod("_amount", line_count)
    share = F.call_function("div", F.col("_amount") - spare, line_count)
    return lines.withColumn("cents", share + (position <= spare).cast("bigint")).drop("_amount")
