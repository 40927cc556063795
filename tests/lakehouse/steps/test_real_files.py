"""The real files, a few days at a time in a mixed order of days, end in the oracle's tables row for row.

`LAKEHOUSE_TEST_DAYS_A_RUN=1` delivers every day in a run of its own.
"""

import os
import random
from collections import defaultdict
from decimal import Decimal
from itertools import batched
from typing import TYPE_CHECKING

import pytest

from tests.lakehouse.steps.lake import GOLD, SILVER, Lake, printed
from tests.oracle.ecommerce import Result, calculate, deliveries_of
from tests.oracle.files import Rows, read_rows, real_files

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.timeout(3600)

DAYS_A_RUN = int(os.environ.get("LAKEHOUSE_TEST_DAYS_A_RUN", "15"))
TOTAL = Decimal("1945810.41")


def by_day(rows: Rows) -> dict[str, Rows]:
    days: dict[str, Rows] = defaultdict(list)
    for row in rows:
        days[str(row["date"])[:10]].append(row)
    return days


@pytest.fixture(scope="module")
def lake(spark: "SparkSession", s3: "S3Client") -> Lake:
    lake = Lake.of_its_own(spark, s3)
    order_items, orders, products = real_files()
    facts = {
        name: by_day(read_rows(file)) for name, file in (("orders", orders), ("order_items", order_items))
    }
    lake.deliver("products", products.name, products.read_bytes())
    days = sorted(facts["orders"])
    random.Random(7).shuffle(days)
    for number, some in enumerate(batched(days, DAYS_A_RUN)):
        for name, dates in facts.items():
            for day in some:
                lake.deliver(name, f"{name}_{day}.csv", dates[day])
        lake.run(f"run_{number}")
    return lake


@pytest.fixture(scope="module")
def expected() -> Result:
    return calculate(deliveries_of([real_files()]))


@pytest.mark.parametrize("address", [*SILVER, *GOLD])
def test_tables_are_the_oracles(lake: Lake, expected: Result, address: str) -> None:
    layer, table = address.split(".")
    assert lake.rows(address) == printed(getattr(expected, layer)[table])


def test_what_is_known_of_the_files(lake: Lake) -> None:
    def total(address: str, column: str) -> Decimal:
        return sum((Decimal(row[column] or 0) for row in lake.rows(address)), Decimal())

    assert len(lake.rows("silver.orders")) == 7500
    assert total("silver.orders", "total_amount") == TOTAL
    assert len(lake.rows("silver.order_items")) == 40_678
    assert [row["rule"] for row in lake.table("rejected.order_items").collect()] == ["duplicate_key"] * 125
    assert len(lake.rows("gold.daily_sales")) == 15
    assert total("gold.daily_sales", "total_sales") == TOTAL
    assert total("gold.customer_insights", "total_spend") == TOTAL
    assert total("gold.product_performance", "allocated_sales") == TOTAL
    assert total("gold.department_analytics", "allocated_sales") == TOTAL
