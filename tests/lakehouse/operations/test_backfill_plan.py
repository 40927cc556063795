"""States of dates, the order of their runs, the budget: for a gold of one table by date and one that is made whole."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from lakehouse.address import Address
from lakehouse.contract import Contract, load
from lakehouse.operations.airflow_api import IntervalRun
from lakehouse.operations.backfill_plan import (
    DateStatus,
    Known,
    State,
    date_statuses,
    ranges,
)
from lakehouse.operations.run_ledger import Publication

SALES = load(Address("ecommerce", "gold", "daily_sales"))
"""By date; fresh within 26 h; contract 1.0.0."""
INSIGHTS = load(Address("ecommerce", "gold", "customer_insights"))
"""Made whole."""
MONDAY, TUESDAY, WEDNESDAY, THURSDAY = (date(2026, 3, day) for day in range(2, 6))
CODE = "c0de"


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


def daily(*days: date) -> dict[date, datetime]:
    """The schedule of 06:00."""
    return {day: at(day, 6) for day in days}


def published(
    when: datetime, *days: date, contract: Contract = SALES, version: str = "1.0.0", code: str | None = CODE
) -> Publication:
    """Without days: the whole table."""
    dates = frozenset(days) or None
    return Publication(contract.id, f"run-{when:%d-%H}", version, code, dates, when, when)


def in_time(*days: date, **how: Any) -> list[Publication]:
    """Each date published at 07:00 of the next."""
    return [published(at(day + timedelta(days=1), 7), day, **how) for day in days]


def known(
    *publications: Publication,
    rows: tuple[date, ...] = (MONDAY, TUESDAY, WEDNESDAY),
    runs: tuple[IntervalRun, ...] = (),
    schedule: dict[date, datetime] | None = None,
) -> Known:
    return Known(
        gold=[SALES, INSIGHTS],
        code_version=CODE,
        schedule=daily(MONDAY, TUESDAY, WEDNESDAY) if schedule is None else schedule,
        runs={run.logical_date: run for run in runs},
        dates={SALES.id: rows},
        publications=publications,
    )


def of(day: date, facts: Known) -> DateStatus:
    return {status.day: status for status in date_statuses(facts, MONDAY, THURSDAY)}[day]


def failed(day: date, ended: datetime) -> IntervalRun:
    return IntervalRun(f"scheduled-{day}", at(day, 6), "failed", ended)


def test_dates_published_by_this_contract_and_code_in_time_are_current() -> None:
    facts = known(*in_time(MONDAY, TUESDAY, WEDNESDAY))

    assert [s.state for s in date_statuses(facts, MONDAY, WEDNESDAY)] == [State.current] * 3
    assert of(TUESDAY, facts).why == "published 2026-03-04 07:00 by run-04-07"
    assert not of(TUESDAY, facts).is_worth_a_run


def test_a_date_whose_interval_has_not_ended_is_not_due() -> None:
    status = of(THURSDAY, known(*in_time(MONDAY, TUESDAY, WEDNESDAY)))

    assert (status.state, status.is_worth_a_run) == (State.not_due, False)


def test_a_date_without_rows_is_missing() -> None:
    status = of(TUESDAY, known(*in_time(MONDAY, WEDNESDAY), rows=(MONDAY, WEDNESDAY)))

    assert (status.state, status.why, status.is_worth_a_run) == (State.missing, "no rows in gold", True)


def test_a_date_that_was_made_without_rows_is_missing_but_not_run_again() -> None:
    status = of(TUESDAY, known(*in_time(MONDAY, TUESDAY, WEDNESDAY), rows=(MONDAY, WEDNESDAY)))

    assert (status.state, status.is_worth_a_run) == (State.missing, False)
    assert "deliver its files" in status.why


def test_a_full_refresh_does_not_make_up_for_files_that_never_came() -> None:
    status = of(TUESDAY, known(published(at(THURSDAY, 9)), rows=(MONDAY, WEDNESDAY)))

    assert (status.state, status.is_worth_a_run) == (State.missing, True)


def test_a_date_whose_run_failed_is_failed_though_it_has_rows() -> None:
    facts = known(*in_time(MONDAY, TUESDAY, WEDNESDAY), runs=(failed(TUESDAY, at(THURSDAY, 8)),))
    status = of(TUESDAY, facts)

    assert (status.state, status.is_worth_a_run) == (State.failed, True)
    assert status.why == "scheduled-2026-03-03 failed 2026-03-05 08:00"


@pytest.mark.parametrize("days", [(TUESDAY,), ()], ids=["the date", "the whole table"])
def test_what_was_published_after_the_failure_makes_up_for_it(days: tuple[date, ...]) -> None:
    facts = known(
        *in_time(MONDAY, TUESDAY, WEDNESDAY),
        published(at(THURSDAY, 9), *days),
        runs=(failed(TUESDAY, at(THURSDAY, 8)),),
    )

    assert of(TUESDAY, facts).state == State.current


def test_a_date_whose_run_is_under_way_is_left_to_it() -> None:
    run = IntervalRun("backfill-1", at(TUESDAY, 6), "queued", None)
    status = of(TUESDAY, known(rows=(), runs=(run,)))

    assert (status.state, status.is_worth_a_run) == (State.running, False)


def test_the_newest_publication_of_a_date_says_by_what_it_was_made() -> None:
    facts = known(
        *in_time(MONDAY, TUESDAY, version="0.9.0"),
        *in_time(WEDNESDAY),
        published(at(THURSDAY, 9), MONDAY),
    )

    assert of(MONDAY, facts).state == State.current
    assert (of(TUESDAY, facts).state, of(TUESDAY, facts).is_worth_a_run) == (State.older_contract, True)
    assert of(TUESDAY, facts).why == "daily_sales made by contract 0.9.0, now 1.0.0"


def test_other_code_counts_and_unknown_code_does_not() -> None:
    facts = known(*in_time(MONDAY, code="01d"), *in_time(TUESDAY, code=None), *in_time(WEDNESDAY))

    assert [s.state for s in date_statuses(facts, MONDAY, WEDNESDAY)] == [
        State.older_code,
        State.current,
        State.current,
    ]
    assert of(MONDAY, facts).why == "daily_sales made by code 01d, now c0de"


def test_the_last_date_stands_for_a_table_that_is_made_whole() -> None:
    insights = published(at(THURSDAY, 7), contract=INSIGHTS, version="0.9.0")
    facts = known(*in_time(MONDAY, TUESDAY, WEDNESDAY), insights)

    assert of(TUESDAY, facts).state == State.current
    assert of(WEDNESDAY, facts).why == "customer_insights made by contract 0.9.0, now 1.0.0"


@pytest.mark.parametrize(
    ("first", "state"),
    [(at(THURSDAY, 2), State.current), (at(THURSDAY, 2, 1), State.late)],
    ids=["26 h after its end", "a minute more"],
)
def test_a_date_is_late_by_its_first_publication(first: datetime, state: State) -> None:
    facts = known(*in_time(MONDAY), published(first, TUESDAY), published(at(THURSDAY, 9), TUESDAY))

    assert (of(TUESDAY, facts).state, of(TUESDAY, facts).is_worth_a_run) == (state, False)


def test_history_that_is_loaded_with_the_first_run_is_not_late() -> None:
    facts = known(published(at(THURSDAY, 9), MONDAY, TUESDAY, WEDNESDAY))

    assert [s.state for s in date_statuses(facts, MONDAY, WEDNESDAY)] == [State.current] * 3


def test_a_ledger_that_knows_nothing_leaves_dates_with_rows_current() -> None:
    assert (of(MONDAY, known()).state, of(MONDAY, known()).why) == (
        State.current,
        "its publication is not in the run ledger",
    )


def test_of_a_gold_that_is_made_whole_the_last_date_says_whether_it_was() -> None:
    never = Known(**{**vars(known()), "gold": [INSIGHTS]})
    made = Known(**{**vars(never), "publications": [published(at(THURSDAY, 7), contract=INSIGHTS)]})

    assert [s.is_worth_a_run for s in date_statuses(never, MONDAY, WEDNESDAY)] == [False, False, True]
    assert of(WEDNESDAY, never).state == State.missing
    assert [s.state for s in date_statuses(made, MONDAY, WEDNESDAY)] == [State.current] * 3


def test_a_new_table_lacks_every_date() -> None:
    hours = load(Address("ecommerce", "gold", "department_analytics"))
    facts = known(*in_time(MONDAY, TUESDAY, WEDNESDAY))
    grown = Known(**{**vars(facts), "gold": [*facts.gold, hours]})

    assert (of(MONDAY, grown).state, of(MONDAY, grown).why) == (
        State.missing,
        "no rows in department_analytics",
    )


def test_dates_that_follow_one_another_are_one_backfill_oldest_first() -> None:
    days = [MONDAY, TUESDAY, WEDNESDAY, THURSDAY]
    facts = known(schedule=daily(*days))

    assert ranges([THURSDAY, MONDAY, TUESDAY], facts, [*facts.schedule.values()]) == [
        [at(MONDAY, 6), at(TUESDAY, 6)],
        [at(THURSDAY, 6)],
    ]


def test_of_a_dag_that_runs_all_day_a_date_is_the_run_of_its_last_interval() -> None:
    """Runs between the two would be made for nothing."""
    intervals = [at(day, hour) for day in (MONDAY, TUESDAY) for hour in (0, 12)]
    facts = known(schedule={MONDAY: at(MONDAY, 12), TUESDAY: at(TUESDAY, 12)})

    assert ranges([MONDAY, TUESDAY], facts, intervals) == [[at(MONDAY, 12)], [at(TUESDAY, 12)]]
