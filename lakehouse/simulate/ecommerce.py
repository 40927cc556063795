"""Synthetic products, orders and order items, shaped like the real deliveries of the shop."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Literal, get_args

from lakehouse.simulate.ecommerce_faults import Faults, Row, add_faults
from lakehouse.simulate.files import write_csv, write_workbook

Dataset = Literal["products", "orders", "order_items"]
Layout = Literal["daily", "single"]
FileFormat = Literal["csv", "xlsx"]

DATASETS: tuple[Dataset, ...] = get_args(Dataset)
COLUMNS: dict[Dataset, tuple[str, ...]] = {
    "products": ("product_id", "department_id", "department", "product_name"),
    "orders": ("order_num", "order_id", "user_id", "order_timestamp", "total_amount", "date"),
    "order_items": (
        "id",
        "order_id",
        "user_id",
        "days_since_prior_order",
        "product_id",
        "add_to_cart_order",
        "reordered",
        "order_timestamp",
        "date",
    ),
}
DEPARTMENTS = ("Books", "Clothing", "Electronics", "Home", "Sports", "Toys")
NAME_PARTS = ("Store", "Garden", "River", "Lamp", "Mountain", "Paper", "Window", "Summer", "Harbour", "Stone")
FIRST_ORDER_ID = 10_000
FIRST_USER_ID = 1_001
LARGEST_CART = 10
HABIT_SHARE = 0.4
"""How often a returning customer takes a product bought before."""


@dataclass(frozen=True)
class Delivery:
    """What arrives on one day; values are int, str, Decimal, datetime (UTC), date or None."""

    day: date
    products: list[Row]
    orders: list[Row]
    order_items: list[Row]

    def rows(self, dataset: Dataset) -> list[Row]:
        """The rows of one dataset."""
        rows: list[Row] = getattr(self, dataset)
        return rows


@dataclass(frozen=True)
class EcommerceData:
    """Deliveries in the order of their days."""

    deliveries: tuple[Delivery, ...]

    def rows(self, dataset: Dataset) -> list[Row]:
        """The rows of one dataset from every delivery."""
        return [row for delivery in self.deliveries for row in delivery.rows(dataset)]

    @property
    def products(self) -> list[Row]:
        return self.rows("products")

    @property
    def orders(self) -> list[Row]:
        return self.rows("orders")

    @property
    def order_items(self) -> list[Row]:
        return self.rows("order_items")


def generate(
    seed: int,
    *,
    first_day: date = date(2025, 4, 1),
    days: int = 15,
    orders_per_day: int = 500,
    products: int = 1000,
    customers: int | None = None,
    faults: Faults | None = None,
) -> EcommerceData:
    """Make the deliveries of consecutive days: products with the first, orders with their items each day.

    Args:
        seed: The same seed and options give the same data.
        first_day: Business date of the first delivery.
        days: Number of days, at least 1.
        orders_per_day: New orders each day.
        products: Number of products, at least the largest cart (10).
        customers: Number of customers; two thirds of the orders when not given.
        faults: What is wrong with the data; nothing when not given.

    Raises:
        ValueError: An option is outside its range.
    """
    _require(days >= 1, "days", days, "at least 1")
    _require(orders_per_day >= 0, "orders_per_day", orders_per_day, "0 or more")
    _require(products >= LARGEST_CART, "products", products, f"at least {LARGEST_CART}, the largest cart")
    _require(customers is None or customers >= 1, "customers", customers, "at least 1")
    rng = random.Random(seed)  # noqa: S311 - repeatable data, not secrets
    shop = _Shop(rng, products, customers or max(1, days * orders_per_day * 2 // 3))
    catalog = list(shop.catalog())
    deliveries = []
    for offset in range(days):
        day = first_day + timedelta(days=offset)
        orders, items = shop.trade(day, orders_per_day)
        deliveries.append(Delivery(day, catalog if offset == 0 else [], orders, items))
    add_faults(rng, deliveries, faults or Faults(), DEPARTMENTS)
    return EcommerceData(tuple(deliveries))


class _Shop:
    """The customers and what each has bought so far."""

    def __init__(self, rng: random.Random, products: int, customers: int) -> None:
        self._rng = rng
        self._product_ids = range(1, products + 1)
        self._customers = customers
        self._bought: dict[int, list[int]] = {}
        self._last_order: dict[int, date] = {}
        self._order_id = FIRST_ORDER_ID
        self._line_id = 0

    def catalog(self) -> Iterator[Row]:
        for product_id in self._product_ids:
            department_id = self._rng.randrange(len(DEPARTMENTS)) + 1
            yield {
                "product_id": product_id,
                "department_id": department_id,
                "department": DEPARTMENTS[department_id - 1],
                "product_name": f"Product_{product_id}_{self._rng.choice(NAME_PARTS)}",
            }

    def trade(self, day: date, order_count: int) -> tuple[list[Row], list[Row]]:
        orders: list[Row] = []
        items: list[Row] = []
        for _ in range(order_count):
            order = self._order(day)
            orders.append(order)
            items.extend(self._lines(order))
            self._last_order[order["user_id"]] = day
        return orders, items

    def _order(self, day: date) -> Row:
        rng = self._rng
        order_id, self._order_id = self._order_id, self._order_id + 1
        # The square makes a few customers frequent, as the RFM segments need.
        user_id = FIRST_USER_ID + int(self._customers * rng.random() ** 2)
        minute = datetime.combine(day, time(tzinfo=UTC)) + timedelta(minutes=rng.randrange(24 * 60))
        return {
            "order_num": rng.randint(1, 100),
            "order_id": order_id,
            "user_id": user_id,
            "order_timestamp": minute,
            "total_amount": Decimal(rng.randint(2_000, 50_000)).scaleb(-2),
            "date": day,
        }

    def _lines(self, order: Row) -> Iterator[Row]:
        user_id, day = order["user_id"], order["date"]
        known = self._bought.setdefault(user_id, [])
        before = set(known)
        previous = self._last_order.get(user_id)
        for position, product_id in enumerate(self._cart(known), start=1):
            self._line_id += 1
            known.append(product_id)
            yield {
                "id": self._line_id,
                "order_id": order["order_id"],
                "user_id": user_id,
                "days_since_prior_order": (day - previous).days if previous else None,
                "product_id": product_id,
                "add_to_cart_order": position,
                "reordered": int(product_id in before),
                "order_timestamp": order["order_timestamp"],
                "date": day,
            }

    def _cart(self, known: Sequence[int]) -> list[int]:
        rng = self._rng
        habits = sorted(set(known))
        cart: list[int] = []
        size = rng.randint(1, LARGEST_CART)
        while len(cart) < size:
            product_id = rng.choice(habits if habits and rng.random() < HABIT_SHARE else self._product_ids)
            if product_id not in cart:
                cart.append(product_id)
        return cart


def write(
    data: EcommerceData,
    directory: Path,
    layout: Layout = "daily",
    file_format: FileFormat = "csv",
    datasets: Sequence[Dataset] = DATASETS,
) -> list[Path]:
    """Write the deliveries as the source system would and return the files in the order of delivery.

    Timestamps (without a zone) and dates are ISO text in both formats; a workbook holds numbers as numbers.

    Args:
        data: What `generate` made.
        directory: Made when missing; files of the same names are replaced.
        layout: `daily`: one file per dataset and day that has rows (`orders_2025-04-01.csv`);
            `single`: one file per dataset (`orders.csv`), in a workbook one sheet per day.
        file_format: `csv` or `xlsx`.
        datasets: Which datasets to write.
    """
    directory.mkdir(parents=True, exist_ok=True)
    paths: list[Path] = []
    days = [
        (delivery.day, dataset, delivery.rows(dataset))
        for delivery in data.deliveries
        for dataset in datasets
        if delivery.rows(dataset)
    ]
    if layout == "daily":
        files = {f"{dataset}_{day}": (dataset, {str(day): rows}) for day, dataset, rows in days}
    else:
        files = {
            dataset: (dataset, {str(day): rows for day, name, rows in days if name == dataset})
            for dataset in datasets
        }
    for name, (dataset, sheets) in files.items():
        path = directory / f"{name}.{file_format}"
        writer = write_csv if file_format == "csv" else write_workbook
        writer(path, COLUMNS[dataset], sheets)
        paths.append(path)
    return paths


def _require(met: bool, option: str, value: object, expected: str) -> None:
    if not met:
        raise ValueError(f"{option} is {value}: it must be {expected}")
