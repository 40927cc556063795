"""Gather what a plan of a backfill needs to know: from Airflow, from gold, from the run ledger."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from lakehouse.code_version import code_version
from lakehouse.contract import Contract, tables
from lakehouse.operations.airflow_api import AirflowApi
from lakehouse.operations.athena import QueryError, is_of_no_table, query
from lakehouse.operations.backfill_plan import Known, is_dated
from lakehouse.operations.run_ledger import publications
from lakehouse.settings import Settings

_SLICE = timedelta(days=7)
"""Airflow looks up a run for every interval that it is asked for, and of a DAG that runs all day a day has hundreds."""


def interval_bounds(first: date, last: date) -> tuple[datetime, datetime]:
    """The first and the last moment of a range of dates, UTC."""
    return _midnight(first), _midnight(last + timedelta(days=1)) - timedelta(microseconds=1)


def logical_dates(api: AirflowApi, domain: str, first: date, last: date) -> list[datetime]:
    """Of the intervals that begin on these dates and have ended, in order."""
    found: set[datetime] = set()
    start, now = _midnight(first), datetime.now(UTC)
    end = min(_midnight(last + timedelta(days=1)), now)
    while start < end:
        until = min(start + _SLICE, end)
        found.update(api.schedule(domain, start, until - timedelta(microseconds=1)))
        start = until
    return sorted(found)


def known(
    api: AirflowApi, settings: Settings, domain: str, first: date, last: date
) -> tuple[Known, list[datetime]]:
    """What is known of the dates, and the logical dates of their intervals; raises AirflowError, QueryError."""
    begin, end = interval_bounds(first, last)
    having = {"run_type": ["scheduled", "backfill"], "state": ["queued", "running", "failed"]}
    runs = {run.logical_date: run for run in api.interval_runs(domain, begin, end, **having)}
    intervals = sorted({*logical_dates(api, domain, first, last), *runs})
    gold = tables(domain, "gold")
    dated = [contract for contract in gold if is_dated(contract)]
    return Known(
        gold=gold,
        code_version=code_version(domain),
        schedule=_of_dates(intervals),
        runs=runs,
        dates={contract.id: _dates(settings, contract, first, last) for contract in dated},
        publications=publications(settings, domain),
    ), intervals


def _of_dates(intervals: Sequence[datetime]) -> dict[date, datetime]:
    """A date → the last interval that begins on it, which is the one that has its end: a run makes it anew.

    Today has not ended, whatever has begun on it.
    """
    today = datetime.now(UTC).date()
    return {moment.date(): moment for moment in sorted(intervals) if moment.date() < today}


def _dates(settings: Settings, contract: Contract, first: date, last: date) -> set[date]:
    """The dates of a range that a table of gold has rows of."""
    sql = (
        f"SELECT DISTINCT CAST(date AS VARCHAR) FROM {contract.address.database}.{contract.name}"  # noqa: S608
        f" WHERE date BETWEEN DATE '{first}' AND DATE '{last}'"
    )
    try:
        rows = query(sql, settings, domain=contract.domain).rows
    except QueryError as error:
        if is_of_no_table(error):
            return set()
        raise
    return {date.fromisoformat(day) for (day,) in rows if day}


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)
