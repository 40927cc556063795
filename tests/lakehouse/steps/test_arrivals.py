"""What tables of gold have taken in decides what is looked up for them together."""

from collections.abc import Sequence
from typing import Any

import pytest

from lakehouse.contract import Contract
from lakehouse.steps.transforms import scope_rule
from lakehouse.transforms.scope import Rule
from tests.lakehouse.steps.lake import Lake
from tests.lakehouse.steps.test_gold_dates import APRIL_1, APRIL_2, APRIL_3, line, order

pytestmark = pytest.mark.timeout(600)

BOTH = ("daily_sales", "department_analytics")


@pytest.fixture
def lookups(monkeypatch: pytest.MonkeyPatch) -> list[set[str]]:
    """The tables that were looked up together, in the order in which that happened."""
    found: list[set[str]] = []

    def recorded(domain: str) -> Rule:
        def rule(contracts: Sequence[Contract], *arguments: Any) -> Any:
            found.append({contract.name for contract in contracts})
            return scope_rule(domain)(contracts, *arguments)

        return rule

    monkeypatch.setattr("lakehouse.steps.arrivals.scope_rule", recorded)
    return found


def sell(lake: Lake, order_id: int, day: str) -> None:
    """An order of one line."""
    lake.put_silver("orders", order(order_id, day))
    lake.put_silver("order_items", line(order_id, 1, day))


def recomputed(lake: Lake, run_id: str, tables: tuple[str, ...] = BOTH) -> dict[str, list[str] | None]:
    """Bring tables up to date; the dates that were recomputed of each, None for all."""
    run = lake.a_run(run_id, tables=tables)
    candidates = lake.candidate("gold", run)
    lake.publish("gold", run)
    return {table: candidates[table]["partitions"] for table in tables}


def test_a_table_that_lags_behind_gets_what_it_missed(new_lake: Lake, lookups: list[set[str]]) -> None:
    lake = new_lake
    lake.put_silver("products", {"product_id": 1, "department_id": 4, "department": "produce"})
    sell(lake, 1, APRIL_1)
    assert recomputed(lake, "first") == dict.fromkeys(BOTH)
    assert lookups == []

    sell(lake, 2, APRIL_2)
    assert recomputed(lake, "one of them", ("daily_sales",)) == {"daily_sales": [APRIL_2]}
    sell(lake, 3, APRIL_3)
    lagging = {"daily_sales": [APRIL_3], "department_analytics": [APRIL_2, APRIL_3]}
    assert recomputed(lake, "both again") == lagging
    assert sorted(map(sorted, lookups)) == [["daily_sales"], ["daily_sales"], ["department_analytics"]]

    lookups.clear()
    sell(lake, 4, APRIL_1)
    assert recomputed(lake, "alike") == {table: [APRIL_1] for table in BOTH}
    assert lookups == [{*BOTH}]
    assert [row["order_count"] for row in lake.rows("gold.daily_sales")] == ["2", "1", "1"]


def test_an_input_of_one_table_alone_does_not_widen_the_other(
    new_lake: Lake, lookups: list[set[str]]
) -> None:
    lake = new_lake
    lake.put_silver("products", {"product_id": 1, "department_id": 4, "department": "produce"})
    sell(lake, 1, APRIL_1)
    recomputed(lake, "first")

    lake.put_silver("products", {"product_id": 1, "department_id": 4, "department": "other"})
    sell(lake, 2, APRIL_2)

    assert recomputed(lake, "renamed") == {"daily_sales": [APRIL_2], "department_analytics": None}
    assert lookups == [{*BOTH}]
    departments = {row["department"] for row in lake.rows("gold.department_analytics")}
    assert departments == {"other"}
