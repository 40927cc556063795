"""`lakehouse plan` and the backfills that it has Airflow make; the tests tell one story, in their order."""

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from lakehouse.simulate.ecommerce import EcommerceData, generate, write
from tests.end_to_end.conftest import without_users
from tests.end_to_end.stack import BUCKET, Stack

BUDGET = "LAKEHOUSE_BACKFILL_BUDGET_USD"
DAYS = [f"2025-06-0{day}" for day in range(1, 5)]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

_SECONDS_MAX = 800


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack whose Airflow knows a budget that no backfill keeps to."""
    with Stack.running(tmp_path_factory.mktemp("plan") / "state", **{BUDGET: "0.000001"}) as made:
        yield made


@pytest.fixture(scope="module")
def unlimited(stack: Stack) -> Stack:
    """The same, for a command that knows no budget, as Airflow's UI knows none."""
    return replace(stack, environment={**stack.environment, BUDGET: "0"})


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> list[list[Path]]:
    """Four days in three deliveries: two days, one, one."""
    made = generate(20_250_601, first_day=date(2025, 6, 1), days=4, orders_per_day=20, products=20).deliveries
    return [
        write(EcommerceData(part), tmp_path_factory.mktemp("part"), layout="single", file_format="csv")
        for part in (made[:2], made[2:3], made[3:])
    ]


def plan(stack: Stack, *arguments: str) -> str:
    return stack.must("plan", "ecommerce", "--from", DAYS[0], "--to", DAYS[-1], *arguments)


def states(output: str) -> list[str]:
    """The state of each date, as the plan's table has it."""
    rows = [re.split(r"\s{2,}", line.strip()) for line in output.splitlines()]
    return [row[1] for row in rows if row[0] in DAYS and len(row) > 2 and not row[1].isdigit()]


def deliver(stack: Stack, files: list[Path], suffix: str = "") -> None:
    s3 = stack.client("s3")
    for path in files:
        dataset = re.match(r"order_items|orders|products", path.name)
        assert dataset
        s3.upload_file(str(path), BUCKET, f"raw/{dataset[0]}/{path.stem}{suffix}{path.suffix}")


def api(stack: Stack, path: str, **params: str) -> Any:
    """What Airflow's API says of the DAG ecommerce."""
    port = stack.environment["LAKEHOUSE_LAPTOP_AIRFLOW_PORT"]
    return httpx.get(f"http://127.0.0.1:{port}/api/v2/dags/ecommerce/{path}", params=params).json()


def runs(stack: Stack, day: str) -> list[dict[str, Any]]:
    """The runs whose interval has the date."""
    interval = {"logical_date_gte": f"{day}T00:00:00Z", "logical_date_lte": f"{day}T23:59:59Z"}
    found: list[dict[str, Any]] = api(stack, "dagRuns", **interval)["dag_runs"]
    return found


def ended_runs(stack: Stack, day: str) -> list[str]:
    """States of the runs whose interval has the date, once they have ended."""
    deadline = time.monotonic() + _SECONDS_MAX
    while time.monotonic() < deadline:
        found = [run["state"] for run in runs(stack, day)]
        if found and not {*found} & {"queued", "running"}:
            return found
        time.sleep(2)
    raise AssertionError(f"the backfill of {day} did not end")


def failed_tasks(stack: Stack, day: str) -> set[str]:
    (run,) = runs(stack, day)
    told = api(stack, f"dagRuns/{run['dag_run_id']}/taskInstances", state="failed", limit="100")
    return {task["task_id"] for task in told["task_instances"]}


def test_a_run_says_what_it_cost(stack: Stack, days: list[list[Path]]) -> None:
    output = stack.must("run", "ecommerce", "--data-dir", days[0][0].parent)

    told = re.search(r"Actual: (\d+) s of Glue, (\d\.\d+) USD", output)
    assert told, output
    assert int(told[1]) > 0
    assert float(told[2]) > 0


def test_dates_without_rows_are_missing_and_a_budget_stops_their_backfill(
    stack: Stack, days: list[list[Path]], tmp_path: Path
) -> None:
    broken = [
        without_users(tmp_path / "orders_of_june.csv", path) if path.name.startswith("orders") else path
        for path in days[1]
    ]
    deliver(stack, broken, suffix="_1")
    output = plan(stack)

    assert states(output) == ["current", "current", "missing", "missing"], output
    assert "2025-06-03 to 2025-06-04" in output
    assert re.search(r"Total: \d+ s of Glue, 0\.\d+ USD for 2 runs \(median of \d+ ", output), output

    refused = stack.run("plan", "ecommerce", "--from", DAYS[2], "--to", DAYS[2], "--apply")
    assert refused.returncode == 1
    assert "exceed the budget of 0.00 USD" in " ".join(refused.stdout.split())
    assert "Backfill 1" not in refused.stdout


def test_a_backfill_that_met_no_budget_meets_it_in_its_run(stack: Stack, unlimited: Stack) -> None:
    unlimited.must("plan", "ecommerce", "--from", DAYS[3], "--to", DAYS[3], "--apply")

    assert ended_runs(stack, DAYS[3]) == ["failed"]
    assert failed_tasks(stack, DAYS[3]) == {"plan"}
    assert states(plan(stack)) == ["current", "current", "missing", "failed"]


def test_a_backfill_that_fails_is_planned_again(stack: Stack) -> None:
    output = stack.must("plan", "ecommerce", "--from", DAYS[2], "--to", DAYS[2], "--apply", "--confirm-cost")

    assert re.search(r"Backfill \d+: 1 run +http://\S+/dags/ecommerce/backfills", output), output
    assert ended_runs(stack, DAYS[2]) == ["failed"]
    assert states(plan(stack)) == ["current", "current", "failed", "failed"]


def test_dates_that_are_backfilled_are_current(stack: Stack, days: list[list[Path]]) -> None:
    """By a backfill that clears the runs of both."""
    deliver(stack, days[1], suffix="_2")
    deliver(stack, days[2])

    output = stack.must("plan", "ecommerce", "--from", DAYS[0], "--to", DAYS[-1], "--apply", "--confirm-cost")
    assert re.search(r"Backfill \d+: 2 runs", output), output
    assert [ended_runs(stack, day) for day in DAYS[2:]] == [["success"], ["success"]]

    after = plan(stack)
    assert states(after) == ["current"] * 4, after
    assert re.search(
        r"Backfills of these dates so far: \d+ s of Glue, 0\.\d+ USD in 2 runs \(actual\)", after
    )
    assert "Nothing to run." in after
    sold = stack.table("gold", "daily_sales").to_pyarrow_table()["date"].to_pylist()
    assert {date.fromisoformat(day) for day in DAYS} <= {*sold}


def test_the_ledger_that_is_loaded_says_the_same(stack: Stack) -> None:
    """Before, its records were read where they wait to be loaded."""
    waiting = plan(stack)
    stack.must("run", "operations")

    assert plan(stack) == waiting
