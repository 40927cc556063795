"""What runs will cost, from what runs did cost; figures are worked out by hand."""

from datetime import UTC, datetime

import pytest

from lakehouse.operations.estimate import estimate, total
from lakehouse.operations.run_ledger import TableCost

ORDERS, SALES, STOCK = "shop.silver.orders", "shop.gold.sales", "shop.gold.stock"


def cost(
    run_id: str,
    table: str,
    seconds: float,
    usd: float,
    *,
    outcome: str = "published",
    run_type: str = "scheduled",
    hour: int = 7,
) -> TableCost:
    step = table.split(".")[1]
    recorded = datetime(2026, 1, 2, hour, tzinfo=UTC)
    return TableCost(run_id, run_type, table, step, outcome, seconds, usd, recorded)


def run(run_id: str, seconds: float, usd: float, **facts: str) -> list[TableCost]:
    """A run of one table of silver, for 10 s and 1 USD, and two of gold at half of `usd` each."""
    gold = [cost(run_id, table, seconds, usd / 2, **facts) for table in (SALES, STOCK)]  # type: ignore[arg-type]
    return [cost(run_id, ORDERS, 10, 1, run_type=facts.get("run_type", "scheduled")), *gold]


def test_the_median_of_each_step_and_table_is_expected() -> None:
    """Gold took 20, 30 and 100 s and cost 2, 4 and 60 USD: 10 + 30 s, 1 + 4 USD."""
    made = estimate([*run("a", 20, 2), *run("b", 100, 60), *run("c", 30, 4)])

    assert made is not None
    assert (made.seconds, made.usd, made.runs) == (40, 5, 3)
    assert {step.step: (step.seconds, dict(step.usd)) for step in made.steps} == {
        "bronze": (0, {}),
        "silver": (10, {ORDERS: 1}),
        "gold": (30, {SALES: 2, STOCK: 2}),
    }
    assert made.source == "median of 3 runs that published gold"


def test_backfills_tell_more_of_a_backfill_than_other_runs() -> None:
    made = estimate([*run("a", 100, 50), *run("b", 100, 50), *run("c", 30, 4, run_type="backfill")])

    assert made is not None
    assert (made.seconds, made.usd) == (40, 5)
    assert made.source == "median of 1 backfill run that published gold"


@pytest.mark.parametrize(
    "history",
    [
        [],
        run("a", 20, 2, outcome="nothing_new"),
        run("a", 20, 2, outcome="not_published"),
        [*run("a", 20, 2), cost("a", SALES, 50, 5, hour=9)],
    ],
    ids=["no run", "nothing new", "failed", "repeated: recorded with both attempts"],
)
def test_without_a_run_that_did_its_work_once_there_is_no_estimate(history: list[TableCost]) -> None:
    assert estimate(history) is None


def test_a_table_that_some_runs_did_not_make_costs_nothing_in_those() -> None:
    only_sales = [cost("b", SALES, 20, 3), cost("c", SALES, 20, 3)]
    made = estimate([*run("a", 20, 2), *only_sales])

    assert made is not None
    assert dict(made.steps[2].usd) == {SALES: 3, STOCK: 0}


def test_the_total_counts_the_newest_record_of_a_run() -> None:
    """Recorded anew, `a` has what both of its attempts used: 50 s and 5 USD; `b` has 10 + 30 s and 1 + 4 USD."""
    repeated = [cost("a", SALES, 20, 2), cost("a", SALES, 50, 5, hour=9)]

    assert total([*repeated, *run("b", 30, 4)]) == (2, 90, 10)
    assert total([]) == (0, 0, 0)
