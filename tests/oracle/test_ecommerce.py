"""The oracle against an example worked by hand, against the real files and against itself."""

import ast
import random
from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from lakehouse.simulate.ecommerce import COLUMNS, DATASETS, generate
from lakehouse.simulate.ecommerce_faults import Faults
from tests.oracle.ecommerce import Delivery, Result, calculate, deliveries_of
from tests.oracle.ecommerce_gold import half_up, segment, shares
from tests.oracle.files import real_files

EXAMPLE = [Path(__file__).parent / "example" / name for name in ("delivery_1", "delivery_2")]
APRIL_1, APRIL_2 = date(2025, 4, 1), date(2025, 4, 2)


@pytest.fixture(scope="module")
def example() -> Result:
    return calculate(deliveries_of(sorted(folder.glob("*.csv")) for folder in EXAMPLE))


def test_counts(example: Result) -> None:
    # Product 1 came twice, product 2 in two versions, one has no id.
    assert example.counts["products"] == Counter(published=3, deduplicated=1, superseded=1, rejected=1)
    # Order 100 was corrected; 103 lacks its user and 104 its amount.
    assert example.counts["orders"] == Counter(published=3, superseded=1, rejected=2)
    # Line 4 came twice, line 8 replaces line 2; 3 repeats a key, 6 and 7 have no parent.
    assert example.counts["order_items"] == Counter(published=4, deduplicated=1, superseded=1, rejected=3)


def test_rejected(example: Result) -> None:
    def reasons(dataset: str, key: str) -> list[tuple[Any, str, str]]:
        return sorted((r.row[key], r.category, r.rule) for r in example.rejected[dataset])

    assert reasons("products", "product_name") == [("Nameless", "quality", "required:product_id")]
    assert reasons("orders", "order_id") == [
        (103, "quality", "required:user_id"),
        (104, "schema", "type:total_amount"),
    ]
    assert reasons("order_items", "id") == [
        (3, "quality", "duplicate_key"),
        (6, "referential", "reference:order_id"),
        (7, "referential", "reference:product_id"),
    ]


def test_silver(example: Result) -> None:
    assert [(p["product_id"], p["product_name"]) for p in example.silver["products"]] == [
        (1, "Atlas"),
        (2, "Ball_XL"),
        (3, "Comics"),
    ]
    assert [(o["order_id"], o["total_amount"]) for o in example.silver["orders"]] == [
        (100, Decimal("10.01")),
        (101, Decimal("0.05")),
        (102, Decimal("20.00")),
    ]
    lines = [(i["order_id"], i["product_id"], i["id"]) for i in example.silver["order_items"]]
    assert lines == [(100, 1, 1), (100, 2, 8), (101, 1, 5), (101, 2, 4)]
    assert example.silver["order_items"][2] == {
        "id": 5,
        "order_id": 101,
        "user_id": 8,
        "days_since_prior_order": 3,
        "product_id": 1,
        "add_to_cart_order": 2,
        "reordered": 0,
        "order_timestamp": datetime(2025, 4, 1, 12, tzinfo=UTC),
        "date": APRIL_1,
    }


# Shares. Order 100: 1001 cents over the products 1 (position 1) and 2 (position 5): 501 and 500.
# Order 101: 5 cents over the products 2 (position 1) and 1 (position 2): 3 and 2.
# So product 1 gets 501 + 2 = 503 and product 2 gets 500 + 3 = 503. Order 102 has no line: 2000 unallocated.


def test_daily_sales(example: Result) -> None:
    keys = ("date", "order_count", "customer_count", "item_count", "product_count", "total_sales")
    ratios = ("avg_order_value", "avg_items_per_order", "reorder_rate")
    first, second = example.gold["daily_sales"]

    assert set(first) == {*keys, *ratios}
    assert [first[key] for key in keys] == [APRIL_1, 2, 2, 4, 2, Decimal("10.06")]
    # 10.06 / 2 orders; 4 lines / 2 orders; only line 4 is reordered: 1 / 4.
    assert [first[key] for key in ratios] == [Decimal("5.03"), Decimal("2.00"), Decimal("0.2500")]
    assert [second[key] for key in keys] == [APRIL_2, 1, 1, 0, 0, Decimal("20.00")]
    assert [second[key] for key in ratios] == [Decimal("20.00"), Decimal("0.00"), None]


def test_product_performance(example: Result) -> None:
    rows = [tuple(row.values()) for row in example.gold["product_performance"]]
    columns = list(example.gold["product_performance"][0])
    assert columns == [
        *("product_id", "product_name", "department_id", "department"),
        *("order_count", "item_count", "customer_count", "allocated_sales"),
        *("reorder_rate", "avg_cart_position", "first_sold", "last_sold"),
    ]
    share = Decimal("5.03")
    assert rows == [
        (-1, "unallocated", None, "unallocated", 1, 0, 1, Decimal("20.00"), None, None, APRIL_2, APRIL_2),
        # Positions 1 and 2.
        (1, "Atlas", 1, "Books", 2, 2, 2, share, Decimal("0.0000"), Decimal("1.50"), APRIL_1, APRIL_1),
        # Positions 5 and 1; line 4 of 2 is reordered.
        (2, "Ball_XL", 2, "Toys", 2, 2, 2, share, Decimal("0.5000"), Decimal("3.00"), APRIL_1, APRIL_1),
        (3, "Comics", 1, "Books", 0, 0, 0, Decimal("0.00"), None, None, None, None),
    ]


def test_department_analytics(example: Result) -> None:
    keys = ("department", "date", "product_count", "order_count", "customer_count", "item_count")
    rows = [[row[key] for key in keys] for row in example.gold["department_analytics"]]
    money = [(row["allocated_sales"], row["share_of_sales"]) for row in example.gold["department_analytics"]]
    assert rows == [
        ["Books", APRIL_1, 1, 2, 2, 2],
        ["Toys", APRIL_1, 1, 2, 2, 2],
        ["unallocated", APRIL_2, 0, 1, 1, 0],
    ]
    # 5.03 / 10.06 and 20.00 / 20.00.
    half = (Decimal("5.03"), Decimal("0.5000"))
    assert money == [half, half, (Decimal("20.00"), Decimal("1.0000"))]


def test_customer_insights(example: Result) -> None:
    assert example.gold["customer_insights"] == [
        {
            "user_id": 7,
            "order_count": 2,
            "total_spend": Decimal("30.01"),
            "avg_order_value": Decimal("15.01"),  # 15.005
            "first_order": datetime(2025, 4, 1, 11, tzinfo=UTC),
            "last_order": datetime(2025, 4, 2, 9, tzinfo=UTC),
            # One line each; product 1 got 5.01 of order 100, product 2 got 5.00.
            "favourite_department": "Books",
            "favourite_product_id": 1,
            "favourite_product_name": "Atlas",
            "rfm_segment": "loyal",  # 0 days ago, 2 orders
        },
        {
            "user_id": 8,
            "order_count": 1,
            "total_spend": Decimal("0.05"),
            "avg_order_value": Decimal("0.05"),
            "first_order": datetime(2025, 4, 1, 12, tzinfo=UTC),
            "last_order": datetime(2025, 4, 1, 12, tzinfo=UTC),
            "favourite_department": "Toys",
            "favourite_product_id": 2,
            "favourite_product_name": "Ball_XL",
            "rfm_segment": "new",  # 1 day ago, 1 order, under 250.00
        },
    ]


@pytest.mark.parametrize(
    ("cents", "count", "expected"),
    [(100, 3, [34, 33, 33]), (2, 3, [1, 1, 0]), (0, 2, [0, 0]), (-100, 3, [-33, -33, -34])],
)
def test_shares(cents: int, count: int, expected: list[int]) -> None:
    assert shares(cents, count) == expected


@pytest.mark.parametrize(
    ("numerator", "denominator", "digits", "expected"),
    [("1", 8, 2, "0.13"), ("-1", 8, 2, "-0.13"), ("1", 3, 4, "0.3333"), ("2", 3, 4, "0.6667")],
)
def test_rounding_is_half_away_from_zero(
    numerator: str, denominator: int, digits: int, expected: str
) -> None:
    assert half_up(Decimal(numerator), denominator, digits) == Decimal(expected)


@pytest.mark.parametrize(
    ("recency_days", "order_count", "spend", "expected"),
    [
        (7, 5, 0, "champions"),
        (7, 4, 0, "loyal"),
        (8, 5, 0, "loyal"),
        (30, 2, 0, "loyal"),
        (31, 5, 5000, "at_risk"),
        (31, 2, 0, "at_risk"),
        (7, 1, "250.00", "promising"),
        (7, 1, "249.99", "new"),
        (8, 1, 5000, "occasional"),
        (30, 1, 0, "occasional"),
        (31, 1, 5000, "lapsed"),
    ],
)
def test_segments(recency_days: int, order_count: int, spend: int | str, expected: str) -> None:
    assert segment(recency_days, order_count, Decimal(spend)) == expected


def test_ties_of_one_version() -> None:
    def winner(dataset: str, first: str, second: str) -> dict[str, Any]:
        (first_delivery,) = deliveries_of([sorted(EXAMPLE[0].glob("*.csv"))])
        rows = dict(first_delivery.files)
        rows[dataset] = [dict(zip(COLUMNS[dataset], line.split(), strict=True)) for line in (first, second)]  # type: ignore[index]
        result = calculate([Delivery(list(rows.items()))])
        assert "duplicate_key" in {rejected.rule for rejected in result.rejected[dataset]}
        return result.silver[dataset][-1]

    order = "2025-04-03T00:00:00 {} 2025-04-03"
    line = "2025-04-01T10:00:00 2025-04-01"
    assert winner("orders", f"1 900 7 {order.format(5)}", f"2 900 7 {order.format(4)}")["order_num"] == 2
    assert winner("orders", f"1 900 7 {order.format(5)}", f"1 900 7 {order.format(4)}")["total_amount"] == 5
    assert winner("order_items", f"50 102 7 0 3 2 0 {line}", f"51 102 7 0 3 1 0 {line}")["id"] == 51
    assert winner("order_items", f"51 102 7 0 3 1 0 {line}", f"50 102 7 0 3 1 0 {line}")["id"] == 50
    assert winner("products", "9 1 Books A", "9 2 Arts A")["department_id"] == 2
    assert winner("products", "9 1 Books A", "9 1 Books B")["product_name"] == "B"


def test_the_real_files() -> None:
    result = calculate(deliveries_of([real_files()]))

    total = Decimal("1945810.41")
    assert len(result.silver["orders"]) == 7500
    assert sum(order["total_amount"] for order in result.silver["orders"]) == total
    assert len(result.silver["order_items"]) == 40_678
    assert Counter(r.rule for r in result.rejected["order_items"]) == {"duplicate_key": 125}
    assert len(result.gold["daily_sales"]) == 15
    assert sum(row["total_sales"] for row in result.gold["daily_sales"]) == total
    assert sum(row["total_spend"] for row in result.gold["customer_insights"]) == total
    assert sum(row["allocated_sales"] for row in result.gold["product_performance"]) == total
    assert sum(row["allocated_sales"] for row in result.gold["department_analytics"]) == total


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_days_does_not_matter_and_no_row_is_lost(seed: int) -> None:
    faults = Faults(
        no_line_share=0.05,
        duplicate_line_share=0.03,
        orphan_line_share=0.02,
        missing_user_share=0.02,
        unparsable_amount_share=0.02,
        corrected_order_share=0.1,
        late_order_share=0.05,
        late_line_share=0.02,
        repeated_row_share=0.05,
    )
    data = generate(seed, days=5, orders_per_day=40, products=50, faults=faults)
    days = [Delivery([(name, day.rows(name)) for name in DATASETS]) for day in data.deliveries]
    shuffled = random.Random(seed).sample(days, len(days))

    result, other = calculate(days), calculate(shuffled)

    assert result.silver == other.silver
    assert result.gold == other.gold
    for dataset in DATASETS:
        assert result.counts[dataset] == other.counts[dataset]
        assert result.counts[dataset].total() == len(data.rows(dataset))
    for status in ("deduplicated", "superseded", "rejected"):
        assert result.counts["order_items"][status] > 0
    total = sum(order["total_amount"] for order in result.silver["orders"])
    for name, column in [
        ("product_performance", "allocated_sales"),
        ("department_analytics", "allocated_sales"),
    ]:
        assert sum(row[column] for row in result.gold[name]) == total


def test_the_oracle_imports_nothing_of_the_engine() -> None:
    sources = [path for path in Path(__file__).parent.glob("*.py") if not path.name.startswith("test_")]
    nodes = [node for path in sources for node in ast.walk(ast.parse(path.read_text()))]
    imported = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    imported |= {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)}
    assert "decimal" in imported
    assert not [name for name in imported if name.split(".")[0] in {"lakehouse", "pyspark", "pandas"}]
