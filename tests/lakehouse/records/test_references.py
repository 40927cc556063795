from typing import TYPE_CHECKING

from lakehouse.address import Address
from lakehouse.contract import load
from lakehouse.records.cast import RULES
from lakehouse.records.references import check_references, found_column
from tests.lakehouse.frames import frame

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

ORDERS = Address.parse("ecommerce.silver.orders")
PRODUCTS = Address.parse("ecommerce.silver.products")
MISSING_ORDER, MISSING_PRODUCT = "reference:order_id", "reference:product_id"


def check(spark: "SparkSession", lines: list[dict[str, str]]) -> dict[int, tuple[object, ...]]:
    """Id of each line → (order found, product found, rules), given the orders 1 and 2 and the product 7."""
    from pyspark.sql import functions as F

    rows = frame(
        spark, {"id": "int", "order_id": "bigint", "product_id": "bigint", "rule": "string"}, lines
    ).withColumn(RULES, F.array_compact(F.array("rule")))
    parents = {
        # A parent that is published and in this run's candidate comes twice.
        ORDERS: frame(spark, {"order_id": "bigint"}, [{"order_id": n} for n in (1, 2, 2)]),
        PRODUCTS: frame(spark, {"product_id": "bigint", "product_name": "string"}, [{"product_id": 7}]),
    }
    items = load(Address.parse("ecommerce.silver.order_items"))
    checked = check_references(rows, items, parents).orderBy("id").collect()
    return {
        row["id"]: (row[found_column("order_id")], row[found_column("product_id")], row[RULES])
        for row in checked
    }


def test_each_reference_is_found_or_named(spark: "SparkSession") -> None:
    lines = [
        {"id": "1", "order_id": "1", "product_id": "7"},
        {"id": "2", "order_id": "2", "product_id": "7"},
        {"id": "3", "order_id": "3", "product_id": "7"},
        {"id": "4", "order_id": "1", "product_id": "8"},
        {"id": "5", "order_id": "3", "product_id": "8"},
    ]

    assert check(spark, lines) == {
        1: (True, True, []),
        2: (True, True, []),
        3: (False, True, [MISSING_ORDER]),
        4: (True, False, [MISSING_PRODUCT]),
        5: (False, False, [MISSING_ORDER, MISSING_PRODUCT]),
    }


def test_a_null_refers_to_nothing(spark: "SparkSession") -> None:
    lines = [
        {"id": "1", "product_id": "7", "rule": "type:order_id"},
        {"id": "2", "order_id": "3", "rule": "required:product_id"},
    ]

    assert check(spark, lines) == {
        1: (None, True, ["type:order_id"]),
        2: (False, None, ["required:product_id", MISSING_ORDER]),
    }


def test_a_table_without_references_stays_as_it_is(spark: "SparkSession") -> None:
    rows = frame(spark, {"order_id": "bigint", RULES: "string"}, [{"order_id": "1"}])

    assert check_references(rows, load(ORDERS), {}) is rows
