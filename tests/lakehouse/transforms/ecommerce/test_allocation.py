"""However an order is made up, its lines share its cents: all of them, evenly, the spare ones to the first lines."""

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from lakehouse.transforms.ecommerce.allocation import allocate
from tests.lakehouse.frames import frame

if TYPE_CHECKING:
    from pyspark.sql import Row, SparkSession

ORDER_TYPES = {"order_id": "bigint", "user_id": "bigint", "date": "date", "total_amount": "decimal(18,2)"}
LINE_TYPES = {"order_id": "bigint", "product_id": "bigint", "add_to_cart_order": "int", "reordered": "int"}

AMOUNTS = st.one_of(st.integers(-20, 20), st.integers(-(10**7), 10**7), st.just(10**18 - 1))
"""Cents."""
LINES = st.dictionaries(st.integers(1, 9), st.integers(1, 4), max_size=7)
"""Product → position in the cart; several products may stand at one position."""

type Order = tuple[int, dict[int, int]]


def allocated(spark: "SparkSession", orders: list[Order]) -> "dict[int, list[Row]]":
    """Rows of each order (numbered from 1), the first line first."""
    order_rows = [
        {"order_id": n, "user_id": n + 500, "date": "2025-04-01", "total_amount": Decimal(amount).scaleb(-2)}
        for n, (amount, _) in enumerate(orders, start=1)
    ]
    line_rows = [
        {"order_id": n, "product_id": product, "add_to_cart_order": position, "reordered": 0}
        for n, (_, lines) in enumerate(orders, start=1)
        for product, position in lines.items()
    ]
    made = allocate(frame(spark, ORDER_TYPES, order_rows), frame(spark, LINE_TYPES, line_rows))
    assert dict(made.dtypes)["cents"] == "bigint"
    rows: defaultdict[int, list[Row]] = defaultdict(list)
    for row in made.orderBy("order_id", "add_to_cart_order", "product_id").collect():
        assert row["user_id"] == row["order_id"] + 500
        rows[row["order_id"]].append(row)
    return dict(rows)


@settings(max_examples=5, phases=(Phase.explicit, Phase.generate))
@given(orders=st.lists(st.tuples(AMOUNTS, LINES), min_size=40, max_size=80))
def test_every_cent_is_shared(spark: "SparkSession", orders: list[Order]) -> None:
    rows_of = allocated(spark, orders)

    assert sorted(rows_of) == list(range(1, len(orders) + 1))
    for number, (amount, lines) in enumerate(orders, start=1):
        rows = rows_of[number]
        shares = [row["cents"] for row in rows]
        assert sum(shares) == amount, "the lines' cents are the order's"
        assert max(shares) - min(shares) <= 1, "the shares are even"
        assert shares == sorted(shares, reverse=True), "the first lines get the spare cents"
        products: list[int | None] = [*sorted(lines, key=lambda product: (lines[product], product))]
        assert [row["product_id"] for row in rows] == (products or [None])


def test_shares_by_hand(spark: "SparkSession") -> None:
    rows_of = allocated(
        spark,
        [
            (1000, {7: 2, 8: 1, 9: 3}),
            (-100, {7: 1, 8: 2, 9: 3}),
            (2, {9: 1, 8: 1, 7: 1}),
            (1999, {}),
        ],
    )

    shares = {number: [(row["product_id"], row["cents"]) for row in rows] for number, rows in rows_of.items()}
    assert shares == {
        1: [(8, 334), (7, 333), (9, 333)],
        2: [(7, -33), (8, -33), (9, -34)],
        3: [(7, 1), (8, 1), (9, 0)],
        4: [(None, 1999)],
    }


def test_a_line_without_its_order_is_no_row(spark: "SparkSession") -> None:
    """Silver refuses it; were one there, it must not make money."""
    orders = frame(spark, ORDER_TYPES, [])
    lines = frame(spark, LINE_TYPES, [{"order_id": 1, "product_id": 7, "add_to_cart_order": 1}])

    assert allocate(orders, lines).count() == 0
