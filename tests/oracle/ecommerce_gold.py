"""Gold of the shop from silver, calculated in whole cents."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

Row = dict[str, Any]
UNALLOCATED = "unallocated"
UNALLOCATED_ID = -1


def tables(silver: Mapping[str, Sequence[Row]]) -> dict[str, list[Row]]:
    """Every gold table, its rows in the order of their keys."""
    facts = _Facts(silver)
    return {
        "daily_sales": _daily_sales(facts),
        "product_performance": _product_performance(facts),
        "department_analytics": _department_analytics(facts),
        "customer_insights": _customer_insights(facts),
    }


class _Facts:
    """Silver, joined: each line with its order, its product and its share of the order's amount in cents."""

    def __init__(self, silver: Mapping[str, Sequence[Row]]) -> None:
        self.products = silver["products"]
        self.orders = silver["orders"]
        order_of = {order["order_id"]: order for order in silver["orders"]}
        product_of = {product["product_id"]: product for product in silver["products"]}
        self.name_of = {product["product_id"]: product["product_name"] for product in self.products}
        lines_of = _group(silver["order_items"], lambda line: line["order_id"])
        self.lines: list[Row] = []
        for order_id, lines in lines_of.items():
            order = order_of[order_id]
            for line, cents in zip(_by_position(lines), shares(_cents(order), len(lines)), strict=True):
                self.lines.append(
                    {"line": line, "order": order, "product": product_of[line["product_id"]], "cents": cents}
                )
        self.lineless = [order for order in self.orders if order["order_id"] not in lines_of]


def shares(cents: int, count: int) -> list[int]:
    """An amount in `count` equal shares; the spare cents go one each to the first."""
    base, spare = divmod(cents, count)
    return [base + (position < spare) for position in range(count)]


def half_up(numerator: Decimal | int, denominator: Decimal | int, digits: int) -> Decimal | None:
    """The ratio rounded half away from zero; None over nothing."""
    if not denominator:
        return None
    return (Decimal(numerator) / Decimal(denominator)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def segment(recency_days: int, order_count: int, total_spend: Decimal) -> str:
    """The RFM segment."""
    recency = 3 if recency_days <= 7 else 2 if recency_days <= 30 else 1
    frequency = 3 if order_count >= 5 else 2 if order_count >= 2 else 1
    monetary = 3 if total_spend >= 1000 else 2 if total_spend >= 250 else 1
    if frequency >= 2:
        if recency == 1:
            return "at_risk"
        return "champions" if (recency, frequency) == (3, 3) else "loyal"
    if recency == 3:
        return "promising" if monetary >= 2 else "new"
    return "occasional" if recency == 2 else "lapsed"


def _daily_sales(facts: _Facts) -> list[Row]:
    lines_on = _group(facts.lines, lambda fact: fact["order"]["date"])
    rows = []
    for day, orders in sorted(_group(facts.orders, lambda order: order["date"]).items()):
        lines = lines_on.get(day, [])
        total = sum(_cents(order) for order in orders)
        rows.append(
            {
                "date": day,
                "order_count": len(orders),
                "customer_count": _distinct(order["user_id"] for order in orders),
                "item_count": len(lines),
                "product_count": _distinct(fact["product"]["product_id"] for fact in lines),
                "total_sales": _money(total),
                "avg_order_value": half_up(_money(total), len(orders), 2),
                "avg_items_per_order": half_up(len(lines), len(orders), 2),
                "reorder_rate": _reorder_rate(lines),
            }
        )
    return rows


def _product_performance(facts: _Facts) -> list[Row]:
    lines_of = _group(facts.lines, lambda fact: fact["product"]["product_id"])
    rows = [_unallocated_product(facts.lineless)] if facts.lineless else []
    for product in facts.products:
        lines = lines_of.get(product["product_id"], [])
        days = [fact["order"]["date"] for fact in lines]
        positions = sum(fact["line"]["add_to_cart_order"] for fact in lines)
        rows.append(
            {
                "product_id": product["product_id"],
                "product_name": product["product_name"],
                "department_id": product["department_id"],
                "department": product["department"],
                **_reach(lines),
                "reorder_rate": _reorder_rate(lines),
                "avg_cart_position": half_up(positions, len(lines), 2),
                "first_sold": min(days, default=None),
                "last_sold": max(days, default=None),
            }
        )
    return rows


def _unallocated_product(orders: Sequence[Row]) -> Row:
    return {
        "product_id": UNALLOCATED_ID,
        "product_name": UNALLOCATED,
        "department_id": None,
        "department": UNALLOCATED,
        **_unallocated_reach(orders),
        "reorder_rate": None,
        "avg_cart_position": None,
        "first_sold": min(order["date"] for order in orders),
        "last_sold": max(order["date"] for order in orders),
    }


def _department_analytics(facts: _Facts) -> list[Row]:
    total_on: defaultdict[date, int] = defaultdict(int)
    for order in facts.orders:
        total_on[order["date"]] += _cents(order)
    rows = [
        {
            "department": department,
            "date": day,
            "product_count": _distinct(fact["product"]["product_id"] for fact in lines),
            **_reach(lines),
        }
        for (department, day), lines in _group(
            facts.lines, lambda fact: (fact["product"]["department"], fact["order"]["date"])
        ).items()
    ]
    for day, orders in _group(facts.lineless, lambda order: order["date"]).items():
        rows.append(
            {"department": UNALLOCATED, "date": day, "product_count": 0, **_unallocated_reach(orders)}
        )
    for row in rows:
        row["share_of_sales"] = half_up(row["allocated_sales"], _money(total_on[row["date"]]), 4)
    return sorted(rows, key=lambda row: (row["department"], row["date"]))


def _customer_insights(facts: _Facts) -> list[Row]:
    lines_of = _group(facts.lines, lambda fact: fact["order"]["user_id"])
    today = max((order["date"] for order in facts.orders), default=None)
    rows = []
    for user_id, orders in sorted(_group(facts.orders, lambda order: order["user_id"]).items()):
        lines = lines_of.get(user_id, [])
        spend = _money(sum(_cents(order) for order in orders))
        last = max(order["order_timestamp"] for order in orders)
        # Business dates count, and the latest need not be the last order's.
        last_day = max(order["date"] for order in orders)
        product = _favourite(lines, lambda fact: fact["product"]["product_id"])
        rows.append(
            {
                "user_id": user_id,
                "order_count": len(orders),
                "total_spend": spend,
                "avg_order_value": half_up(spend, len(orders), 2),
                "first_order": min(order["order_timestamp"] for order in orders),
                "last_order": last,
                "favourite_department": _favourite(lines, lambda fact: fact["product"]["department"]),
                "favourite_product_id": product,
                "favourite_product_name": facts.name_of.get(product),
                "rfm_segment": segment((today - last_day).days, len(orders), spend),
            }
        )
    return rows


def _favourite(lines: Sequence[Row], value: Callable[[Row], Any]) -> Any:
    """The value with most lines, then most cents, then the lowest."""
    groups = _group(lines, value)
    ranked = sorted(
        groups, key=lambda key: (-len(groups[key]), -sum(fact["cents"] for fact in groups[key]), key)
    )
    return ranked[0] if ranked else None


def _reach(lines: Sequence[Row]) -> Row:
    return {
        "order_count": _distinct(fact["order"]["order_id"] for fact in lines),
        "item_count": len(lines),
        "customer_count": _distinct(fact["order"]["user_id"] for fact in lines),
        "allocated_sales": _money(sum(fact["cents"] for fact in lines)),
    }


def _unallocated_reach(orders: Sequence[Row]) -> Row:
    return {
        "order_count": len(orders),
        "item_count": 0,
        "customer_count": _distinct(order["user_id"] for order in orders),
        "allocated_sales": _money(sum(_cents(order) for order in orders)),
    }


def _reorder_rate(lines: Sequence[Row]) -> Decimal | None:
    return half_up(sum(fact["line"]["reordered"] == 1 for fact in lines), len(lines), 4)


def _by_position(lines: Iterable[Row]) -> list[Row]:
    return sorted(lines, key=lambda line: (line["add_to_cart_order"], line["product_id"]))


def _group[K](rows: Iterable[Row], key: Callable[[Row], K]) -> dict[K, list[Row]]:
    groups: defaultdict[K, list[Row]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return dict(groups)


def _distinct(values: Iterable[object]) -> int:
    return len(set(values))


def _cents(order: Row) -> int:
    return int(order["total_amount"] * 100)


def _money(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)
