"""What can be wrong with the shop's data, each a share from 0 to 1 of the rows that it concerns."""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Protocol

Row = dict[str, Any]

LONGEST_DELAY_DAYS = 3
LONGEST_CORRECTION_HOURS = 36
LAST_SECOND = time(23, 59, 59, tzinfo=UTC)
"""Orders are placed on whole minutes, so a correction capped to it is still later."""


class Delivery(Protocol):
    """What arrives on one day; the faults change its lists in place."""

    @property
    def day(self) -> date: ...
    @property
    def products(self) -> list[Row]: ...
    @property
    def orders(self) -> list[Row]: ...
    @property
    def order_items(self) -> list[Row]: ...


@dataclass(frozen=True, kw_only=True)
class Faults:
    """Shares from 0 to 1; all 0 means clean data. Raises ValueError for a share outside that range."""

    mismatched_department_share: float = 0.0
    """Products whose department_id is another department's."""
    changed_product_share: float = 0.0
    """Products that a later delivery renames and moves to another department."""
    no_line_share: float = 0.0
    """Orders without a line."""
    duplicate_line_share: float = 0.0
    """Lines that repeat the product of another line of their order."""
    orphan_line_share: float = 0.0
    """Lines whose product does not exist."""
    missing_user_share: float = 0.0
    """Orders without user_id."""
    unparsable_amount_share: float = 0.0
    """Orders whose total_amount is not a number."""
    corrected_order_share: float = 0.0
    """Orders sent again with a later order_timestamp and another amount, every other one with its lines."""
    late_order_share: float = 0.0
    """Orders that arrive with their lines one to three deliveries late; those of the last day cannot."""
    late_line_share: float = 0.0
    """Lines that arrive one to three deliveries after their order."""
    repeated_row_share: float = 0.0
    """Rows of each dataset that arrive a second time, equal in every column."""

    def __post_init__(self) -> None:
        for field in fields(self):
            share = getattr(self, field.name)
            if not 0 <= share <= 1:
                raise ValueError(f"{field.name} is {share}: it must be from 0 to 1")


def add_faults(
    rng: random.Random, deliveries: Sequence[Delivery], faults: Faults, departments: Sequence[str]
) -> None:
    """Put the faults into the deliveries, whose lists change in place."""
    _mismatch_departments(rng, deliveries, faults.mismatched_department_share, len(departments))
    _drop_lines(rng, deliveries, faults.no_line_share)
    _duplicate_lines(rng, deliveries, faults.duplicate_line_share)
    _overwrite(rng, _lines(deliveries), faults.orphan_line_share, "product_id", _unknown_product(deliveries))
    _overwrite(rng, _orders(deliveries), faults.missing_user_share, "user_id", None)
    _overwrite(rng, _orders(deliveries), faults.unparsable_amount_share, "total_amount", "n/a")
    _change_products(rng, deliveries, faults.changed_product_share, departments)
    _correct_orders(rng, deliveries, faults.corrected_order_share)
    _delay_orders(rng, deliveries, faults.late_order_share)
    _delay_lines(rng, deliveries, faults.late_line_share)
    _repeat_rows(rng, deliveries, faults.repeated_row_share)


def _mismatch_departments(
    rng: random.Random, deliveries: Sequence[Delivery], share: float, department_count: int
) -> None:
    for product in _pick(rng, deliveries[0].products, share):
        others = [number for number in range(1, department_count + 1) if number != product["department_id"]]
        product["department_id"] = rng.choice(others)


def _drop_lines(rng: random.Random, deliveries: Sequence[Delivery], share: float) -> None:
    dropped = {order["order_id"] for order in _pick(rng, _orders(deliveries), share)}
    for delivery in deliveries:
        delivery.order_items[:] = [line for line in delivery.order_items if line["order_id"] not in dropped]


def _duplicate_lines(rng: random.Random, deliveries: Sequence[Delivery], share: float) -> None:
    lines = _lines(deliveries)
    # Only a line behind the first can repeat an earlier one, so that the first of a cart stays what it is.
    followers = [(lines[i - 1], lines[i]) for i in range(1, len(lines)) if lines[i]["add_to_cart_order"] > 1]
    count = min(len(followers), round(len(lines) * share))
    for earlier, line in _sample(rng, followers, count):
        line["product_id"] = earlier["product_id"]


def _overwrite(rng: random.Random, rows: Sequence[Row], share: float, column: str, value: object) -> None:
    for row in _pick(rng, rows, share):
        row[column] = value


def _unknown_product(deliveries: Sequence[Delivery]) -> int:
    return 1 + max(int(product["product_id"]) for product in deliveries[0].products)


def _change_products(
    rng: random.Random, deliveries: Sequence[Delivery], share: float, departments: Sequence[str]
) -> None:
    later = deliveries[1:]
    if not later:
        return
    for product in _pick(rng, deliveries[0].products, share):
        department_id = rng.randint(1, len(departments))
        changed = {
            "department_id": department_id,
            "department": departments[department_id - 1],
            "product_name": f"{product['product_name']}_New",
        }
        rng.choice(later).products.append(product | changed)


def _correct_orders(rng: random.Random, deliveries: Sequence[Delivery], share: float) -> None:
    lines_of = _by_order(_lines(deliveries))
    for number, (index, order) in enumerate(_pick(rng, _indexed(deliveries, "orders"), share)):
        target = deliveries[_later(rng, deliveries, index)]
        corrected_at = min(
            order["order_timestamp"] + timedelta(hours=rng.randint(1, LONGEST_CORRECTION_HOURS)),
            datetime.combine(target.day, LAST_SECOND),
        )
        moved = {"order_timestamp": corrected_at, "date": corrected_at.date()}
        amount = Decimal(rng.randint(2_000, 50_000)).scaleb(-2)
        target.orders.append(order | moved | {"total_amount": amount})
        if number % 2:
            target.order_items.extend(line | moved for line in lines_of[order["order_id"]])


def _delay_orders(rng: random.Random, deliveries: Sequence[Delivery], share: float) -> None:
    for index, order in _pick(rng, _indexed(deliveries[:-1], "orders"), share):
        source, target = deliveries[index], deliveries[_later(rng, deliveries, index)]
        _move(source.orders, target.orders, [order])
        lines = [line for line in source.order_items if line["order_id"] == order["order_id"]]
        _move(source.order_items, target.order_items, lines)


def _delay_lines(rng: random.Random, deliveries: Sequence[Delivery], share: float) -> None:
    for index, line in _pick(rng, _indexed(deliveries[:-1], "order_items"), share):
        target = deliveries[_later(rng, deliveries, index)]
        _move(deliveries[index].order_items, target.order_items, [line])


def _repeat_rows(rng: random.Random, deliveries: Sequence[Delivery], share: float) -> None:
    for dataset in ("products", "orders", "order_items"):
        for index, row in _pick(rng, _indexed(deliveries, dataset), share):
            target = deliveries[rng.randrange(index, len(deliveries))]
            getattr(target, dataset).append(dict(row))


def _later(rng: random.Random, deliveries: Sequence[Delivery], index: int) -> int:
    return min(len(deliveries) - 1, index + rng.randint(1, LONGEST_DELAY_DAYS))


def _move(source: list[Row], target: list[Row], rows: Sequence[Row]) -> None:
    moved = {id(row) for row in rows}
    source[:] = [row for row in source if id(row) not in moved]
    target.extend(rows)


def _orders(deliveries: Sequence[Delivery]) -> list[Row]:
    return [order for delivery in deliveries for order in delivery.orders]


def _lines(deliveries: Sequence[Delivery]) -> list[Row]:
    return [line for delivery in deliveries for line in delivery.order_items]


def _by_order(lines: Sequence[Row]) -> defaultdict[int, list[Row]]:
    grouped: defaultdict[int, list[Row]] = defaultdict(list)
    for line in lines:
        grouped[line["order_id"]].append(line)
    return grouped


def _indexed(deliveries: Sequence[Delivery], dataset: str) -> list[tuple[int, Row]]:
    return [(index, row) for index, delivery in enumerate(deliveries) for row in getattr(delivery, dataset)]


def _pick[T](rng: random.Random, rows: Sequence[T], share: float) -> list[T]:
    return _sample(rng, rows, round(len(rows) * share))


def _sample[T](rng: random.Random, rows: Sequence[T], count: int) -> list[T]:
    chosen = sorted(rng.sample(range(len(rows)), count))
    return [rows[index] for index in chosen]
