"""silver → gold recomputes the business dates that commits to silver touched, no fewer and no more."""

import re
from datetime import date
from typing import Any

import pytest

from lakehouse.address import Address
from lakehouse.storage import delta_log
from tests.lakehouse.steps.lake import Lake

pytestmark = pytest.mark.timeout(1800)

DAILY = "ecommerce.gold.daily_sales"
APRIL_1, APRIL_2, APRIL_3, APRIL_9 = "2025-04-01", "2025-04-02", "2025-04-03", "2025-04-09"


def order(order_id: int, day: str, amount: str = "5.00") -> dict[str, Any]:
    placed = {"order_timestamp": f"{day}T10:00:00", "date": day}
    return {"order_id": order_id, "user_id": 7, "total_amount": amount, **placed}


def line(order_id: int, product_id: int, day: str) -> dict[str, Any]:
    return {"order_id": order_id, "product_id": product_id, "add_to_cart_order": 1, "date": day}


def recompute(lake: Lake, run_id: str, **options: Any) -> dict[str, Any]:
    """Bring daily_sales up to date; returns its candidate and the dates whose files changed."""
    run = lake.a_run(run_id, tables=("daily_sales",), **options)
    before = lake.versions()[DAILY]
    candidate = lake.candidate("gold", run)["daily_sales"]
    lake.publish("gold", run)
    after = lake.versions()[DAILY]
    uri = Address.parse(DAILY).uri({"*": lake.bucket})
    changed = delta_log.changes(uri, -1 if before is None else before, after or 0).partition_values("date")
    return {"outcome": candidate["outcome"], "dates": candidate["partitions"], "changed": sorted(changed)}


def totals(lake: Lake) -> dict[str | None, str | None]:
    return {row["date"]: row["total_sales"] for row in lake.rows("gold.daily_sales")}


def items(lake: Lake) -> dict[str | None, str | None]:
    return {row["date"]: row["item_count"] for row in lake.rows("gold.daily_sales")}


def test_gold_follows_silver_date_by_date(new_lake: Lake) -> None:
    lake = new_lake
    lake.put_silver("orders", order(1, APRIL_1), order(2, APRIL_1), order(3, APRIL_2))
    lake.put_silver("order_items", line(1, 7, APRIL_1))

    assert recompute(lake, "first")["dates"] is None
    assert totals(lake) == {APRIL_1: "10.00", APRIL_2: "5.00"}

    lake.put_silver("orders", order(4, APRIL_3, "1.00"))
    assert recompute(lake, "a new date") == {"outcome": "candidate", "dates": [APRIL_3], "changed": [APRIL_3]}
    assert totals(lake) == {APRIL_1: "10.00", APRIL_2: "5.00", APRIL_3: "1.00"}

    lake.put_silver("orders", order(3, APRIL_3))
    moved = recompute(lake, "an order moves and leaves its date empty")
    assert moved["dates"] == moved["changed"] == [APRIL_2, APRIL_3]
    assert totals(lake) == {APRIL_1: "10.00", APRIL_3: "6.00"}

    lake.put_silver("order_items", line(2, 8, APRIL_9))
    assert APRIL_1 in recompute(lake, "a line that names another date than its order")["dates"]
    assert items(lake) == {APRIL_1: "2", APRIL_3: "0"}

    asked = recompute(lake, "asked for", dates=(date(2025, 4, 3),))
    assert (asked["dates"], asked["changed"]) == ([APRIL_3], [APRIL_3])
    assert recompute(lake, "nothing new") == {"outcome": "nothing_new", "dates": None, "changed": []}
    assert recompute(lake, "everything", full_refresh=True)["changed"] == [APRIL_1, APRIL_3]
    assert totals(lake) == {APRIL_1: "10.00", APRIL_3: "6.00"}


def test_what_is_missing_is_named(new_lake: Lake) -> None:
    new_lake.put_silver("orders", order(1, APRIL_1))

    with pytest.raises(ValueError, match=re.escape(f"{DAILY} needs ecommerce.silver.order_items")):
        new_lake.candidate("gold", new_lake.a_run("too_early", tables=("daily_sales",)))
