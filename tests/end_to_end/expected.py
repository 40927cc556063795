"""Tables as an independent calculation gives them, against those that a stack published."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.end_to_end.stack import Stack
from tests.oracle.ecommerce import Result, calculate, deliveries_of

GOLD = ("daily_sales", "product_performance", "department_analytics", "customer_insights")
SILVER = ("products", "orders", "order_items")

type Rows = list[dict[str, Any]]


def _as_text(rows: Rows, columns: list[str]) -> list[str]:
    """Rows in an order of their own, times as UTC."""
    return sorted(repr([_in_utc(row[column]) for column in columns]) for row in rows)


def _in_utc(value: object) -> object:
    if not isinstance(value, datetime):
        return value
    return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


def assert_equal_to_oracle(stack: Stack, deliveries: list[list[Path]]) -> None:
    """Silver, gold and the rules of rejected rows are those of the deliveries, taken in this order."""
    assert_equal(stack, calculate(deliveries_of(deliveries)))


def assert_equal(stack: Stack, expected: Result) -> None:
    """Silver, gold and the rules of rejected rows are as expected."""
    wanted = {("silver", name): rows for name, rows in expected.silver.items()}
    wanted |= {("gold", name): rows for name, rows in expected.gold.items()}
    assert {name for layer, name in wanted if layer == "gold"} == set(GOLD)
    for (layer, name), rows in wanted.items():
        columns = sorted(rows[0])
        found = stack.table(layer, name).to_pyarrow_table().select(columns).to_pylist()
        assert _as_text(found, columns) == _as_text(rows, columns), f"{layer}.{name}"
    for name in SILVER:
        refused = stack.table("rejected", name).to_pyarrow_table().to_pylist()
        found_rules = sorted((row["category"], row["rule"]) for row in refused)
        assert found_rules == sorted((one.category, one.rule) for one in expected.rejected[name]), name
