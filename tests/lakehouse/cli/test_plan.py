"""`lakehouse plan` against an Airflow in memory and a ledger and gold that a test lays ready."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from click.testing import Result
from typer.testing import CliRunner

from lakehouse.cli import plan
from lakehouse.cli.failure import CommandError
from lakehouse.cli.main import app
from lakehouse.code_version import code_version
from lakehouse.operations.airflow_api import AirflowError, IntervalRun
from lakehouse.operations.backfill_facts import known, logical_dates
from lakehouse.settings import Settings
from tests.lakehouse.cli.conftest import LayReady
from tests.lakehouse.ledger_columns import COST, PUBLICATION

DATED = ("daily_sales", "department_analytics")
NOON = "2026-03-06T12:00:00.5+00:00"


class Airflow:
    """A DAG with a run at 06:00 of each day, which has ended when the day after has."""

    def __init__(self, *runs: IntervalRun, refuses: bool = False) -> None:
        self.runs = [*runs]
        self.refuses = refuses
        self.made: list[tuple[datetime, datetime]] = []
        self.confirmed: list[bool] = []
        self.deleted: list[tuple[datetime, datetime]] = []
        self.asked: list[tuple[datetime, datetime]] = []
        self.unfinished: list[int] = []
        self.paused = False

    def knows(self, _: str) -> bool:
        return True

    def schedule(self, _: str, first: datetime, last: datetime) -> list[datetime]:
        if self.refuses:
            raise AirflowError("Airflow does not answer")
        self.asked.append((first, last))
        days = [first.date() + timedelta(days=n) for n in range((last - first).days + 1)]
        moments = [datetime(day.year, day.month, day.day, 6, tzinfo=UTC) for day in days]
        return [moment for moment in moments if first <= moment <= last]

    def interval_runs(
        self, _: str, first: datetime, last: datetime, **having: list[str]
    ) -> list[IntervalRun]:
        states = having.get("state", ["success"])
        return [run for run in self.runs if first <= run.logical_date <= last and run.state in states]

    def is_paused(self, _: str) -> bool:
        return self.paused

    def unfinished_backfill(self, _: str) -> int | None:
        return self.unfinished.pop() if self.unfinished else None

    def delete_failed_backfill_runs(self, _: str, first: datetime, last: datetime) -> None:
        self.deleted.append((first, last))

    def create_backfill(self, _: str, first: datetime, last: datetime, *, confirm_cost: bool) -> int:
        self.made.append((first, last))
        self.confirmed.append(confirm_cost)
        self.unfinished.append(len(self.made))
        return len(self.made)

    def backfills_url(self, dag_id: str) -> str:
        return f"http://airflow.example/dags/{dag_id}/backfills"


@pytest.fixture
def airflow(monkeypatch: pytest.MonkeyPatch) -> Airflow:
    made = Airflow()
    monkeypatch.setattr(plan, "AirflowApi", lambda: made)
    monkeypatch.setattr(plan, "_POLL_SECONDS", 0)
    return made


def lay(lay_ready: LayReady, rows: list[str], *, with_history: bool = True) -> None:
    """Gold has rows of these dates, all published by now's contract and code; a run took 40 s and cost 0.5 USD."""
    for _ in DATED:
        lay_ready(["_col0"], *([day] for day in rows))
    code = code_version("ecommerce")
    lay_ready(
        PUBLICATION,
        *(
            [f"ecommerce.gold.{name}", "1.0.0", code, ",".join(rows), "run-1", NOON, NOON]
            for name in DATED
            if with_history
        ),
    )
    cost = ["run-1", "scheduled", "ecommerce.gold.daily_sales", "published", "30", "10", "0.5", NOON]
    lay_ready(COST, *([cost] if with_history else []))


def run(*arguments: str) -> Result:
    first_to_last = ("--from", "2026-03-02", "--to", "2026-03-05")
    return CliRunner().invoke(app, ["plan", "ecommerce", *first_to_last, *arguments])


def days(made: list[tuple[datetime, datetime]]) -> list[tuple[int, int]]:
    return [(first.day, last.day) for first, last in made]


def test_without_apply_it_only_shows(airflow: Airflow, lay_ready: LayReady) -> None:
    lay(lay_ready, ["2026-03-02", "2026-03-03"])

    shown = run()

    assert shown.exit_code == 0, shown.exception
    assert re.findall(r"2026-03-0\d +(current|missing)", shown.stdout) == [*["current"] * 2, *["missing"] * 2]
    assert re.search(r"1 +2026-03-04 to 2026-03-05 +2 +80 +1\.0000", shown.stdout)
    assert "Total: 80 s of Glue, 1.0000 USD for 2 runs (median of 1 run that published gold)." in shown.stdout
    assert "Nothing is started" in shown.stdout
    assert airflow.made == []


def test_dates_apart_are_backfills_that_wait_for_one_another(airflow: Airflow, lay_ready: LayReady) -> None:
    lay(lay_ready, ["2026-03-03"])
    airflow.paused = True

    shown = run("--apply")

    assert shown.exit_code == 0, shown.exception
    assert days(airflow.made) == [(2, 2), (4, 5)]
    assert "Waiting until backfill 1 has ended" in shown.stdout
    assert "Backfill 2: 2 runs  http://airflow.example/dags/ecommerce/backfills" in shown.stdout
    assert "ecommerce is paused" in shown.stdout


def test_nothing_to_run_is_said(airflow: Airflow, lay_ready: LayReady) -> None:
    lay(lay_ready, ["2026-03-02", "2026-03-03", "2026-03-04", "2026-03-05"])

    assert "Nothing to run." in run("--apply").stdout
    assert airflow.made == []


@pytest.mark.parametrize("with_history", [True, False], ids=["too dear", "no estimate"])
def test_a_budget_stops_a_backfill_until_its_cost_is_confirmed(
    airflow: Airflow, lay_ready: LayReady, monkeypatch: pytest.MonkeyPatch, *, with_history: bool
) -> None:
    monkeypatch.setenv("LAKEHOUSE_BACKFILL_BUDGET_USD", "1.99")
    lay(lay_ready, [], with_history=with_history)
    stopped = run("--apply")

    assert isinstance(stopped.exception, CommandError)
    assert "1.99 USD" in str(stopped.exception)
    assert airflow.made == []

    lay(lay_ready, [], with_history=with_history)
    assert run("--apply", "--confirm-cost").exit_code == 0
    assert days(airflow.made) == [(2, 5)]
    assert airflow.confirmed == [True]
    assert airflow.deleted == airflow.made


def test_what_fits_the_budget_needs_no_confirmation(
    airflow: Airflow, lay_ready: LayReady, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAKEHOUSE_BACKFILL_BUDGET_USD", "2")
    lay(lay_ready, [])

    assert run("--apply").exit_code == 0
    assert days(airflow.made) == [(2, 5)]
    assert airflow.confirmed == [False]
    assert airflow.deleted == []


def test_what_backfills_have_cost_is_shown(airflow: Airflow, lay_ready: LayReady) -> None:
    moment = datetime(2026, 3, 2, 6, tzinfo=UTC)
    airflow.runs = [IntervalRun("backfill__2026-03-02T06:00:00+00:00", moment, "success", moment)]
    lay(lay_ready, ["2026-03-02"])
    repeated = "backfill__2026-03-02T06-00-00-00-00"
    lay_ready(
        COST, [repeated, "backfill", "ecommerce.gold.daily_sales", "published", "60", "10", "0.75", NOON]
    )

    assert "Backfills of these dates so far: 70 s of Glue, 0.7500 USD in 1 run (actual)." in run().stdout


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["plan", "shoes", "--from", "2026-03-02", "--to", "2026-03-02"], "no domain 'shoes'"),
        (["plan", "ecommerce", "--from", "2026-03-02", "--to", "2026-03-01"], "runs backwards"),
    ],
)
def test_what_cannot_be_planned_is_refused(arguments: list[str], reason: str) -> None:
    refused = CliRunner().invoke(app, arguments)

    assert isinstance(refused.exception, CommandError)
    assert reason in str(refused.exception)


def test_airflow_out_of_reach_is_one_sentence(airflow: Airflow, lay_ready: LayReady) -> None:
    airflow.refuses = True

    assert str(run().exception) == "Airflow does not answer"


def test_airflow_is_asked_for_a_week_at_a_time_and_for_nothing_to_come(airflow: Airflow) -> None:
    today = datetime.now(UTC).date()
    found = logical_dates(airflow, "ecommerce", today - timedelta(days=9), today + timedelta(days=30))  # type: ignore[arg-type]

    assert [last - first for first, last in airflow.asked[:1]] == [timedelta(days=7, microseconds=-1)]
    assert len(airflow.asked) == 2
    assert airflow.asked[-1][1] < datetime.now(UTC)
    assert found[0].date() == today - timedelta(days=9)


def test_today_is_not_due_though_runs_of_it_have_ended(airflow: Airflow, lay_ready: LayReady) -> None:
    """As of a DAG that runs every five minutes."""
    lay(lay_ready, [])
    today = datetime.now(UTC).date()
    early = datetime(today.year, today.month, today.day, 0, 5, tzinfo=UTC)
    airflow.runs = [IntervalRun("scheduled-1", early, "failed", early)]

    facts, intervals = known(airflow, Settings(), "ecommerce", date(2026, 3, 2), today)  # type: ignore[arg-type]

    assert early in intervals
    assert today not in facts.schedule
