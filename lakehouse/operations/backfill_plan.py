"""Which business dates of a domain a backfill would make anew, and why."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from lakehouse.contract import Contract
from lakehouse.operations.airflow_api import IntervalRun
from lakehouse.operations.run_ledger import Publication

_BUSINESS_DATE = "date"


class State(StrEnum):
    """What a date is, the first that holds in this order."""

    not_due = "not due"
    running = "running"
    failed = "failed"
    missing = "missing"
    older_contract = "older contract"
    older_code = "older code"
    late = "late"
    current = "current"


_WORTH_A_RUN = {State.failed, State.missing, State.older_contract, State.older_code}
_UNDER_WAY = {"queued", "running"}


@dataclass(frozen=True)
class Known:
    """What is known of a domain when the plan is made."""

    gold: Sequence[Contract]
    code_version: str
    """Of the code that would run."""
    schedule: Mapping[date, datetime]
    """Date → logical date of the run whose interval has it; a date that is not due has none."""
    runs: Mapping[datetime, IntervalRun]
    """By logical date."""
    dates: Mapping[str, Collection[date]]
    """Table that is partitioned by date → dates that it has rows of."""
    publications: Sequence[Publication]


@dataclass(frozen=True)
class DateStatus:
    """One business date."""

    day: date
    state: State
    why: str
    is_worth_a_run: bool


def is_dated(contract: Contract) -> bool:
    """Whether a table of gold is partitioned by business date."""
    return contract.partition_by == [_BUSINESS_DATE]


def date_statuses(known: Known, first: date, last: date) -> list[DateStatus]:
    """The state of every date from `first` to `last`.

    A table that is not partitioned by date is made by any run, as far as there is news: the last date that is due
    stands for it.
    """
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    newest = max((day for day in days if day in known.schedule), default=None)
    return [_status(known, day, is_newest=day == newest) for day in days]


def ranges(days: Collection[date], known: Known, logical_dates: Sequence[datetime]) -> list[list[datetime]]:
    """Logical dates of the runs of `days`, oldest first, those that follow one another in the schedule together."""
    wanted = {known.schedule[day] for day in days}
    found: list[list[datetime]] = []
    follows = False
    for moment in sorted(logical_dates):
        if moment in wanted:
            if follows:
                found[-1].append(moment)
            else:
                found.append([moment])
        follows = moment in wanted
    return found


def _status(known: Known, day: date, *, is_newest: bool) -> DateStatus:
    for look in (_of_its_run, _of_its_rows, _of_its_making, _of_its_time):
        if found := look(known, day, is_newest):
            return found
    return _made(day, State.current, _why_current(known, day, is_newest))


def _made(day: date, state: State, why: str, *, in_vain: bool = False) -> DateStatus:
    return DateStatus(day, state, why, state in _WORTH_A_RUN and not in_vain)


def _of_its_run(known: Known, day: date, _: bool) -> DateStatus | None:
    if day not in known.schedule:
        return _made(day, State.not_due, "its interval has not ended")
    run = known.runs.get(known.schedule[day])
    if run is None:
        return None
    if run.state in _UNDER_WAY:
        return _made(day, State.running, f"{run.run_id} is {run.state}")
    made_since = (p for p in _covering(known, day) if run.ended and p.last > run.ended)
    if run.state == "failed" and not any(made_since):
        ended = f" {_minute(run.ended)}" if run.ended else ""
        return _made(day, State.failed, f"{run.run_id} failed{ended}")
    return None


def _of_its_rows(known: Known, day: date, is_newest: bool) -> DateStatus | None:
    dated = [contract for contract in known.gold if is_dated(contract)]
    if is_newest and not dated and not known.publications:
        return _made(day, State.missing, "the run ledger has no publication of gold")
    without = [contract for contract in dated if day not in known.dates.get(contract.id, ())]
    if dated and without == dated:
        looked = next((p for p in known.publications if p.dates and day in p.dates), None)
        if looked:
            why = f"no rows: {looked.run_id} found none either; deliver its files"
            return _made(day, State.missing, why, in_vain=True)
        return _made(day, State.missing, "no rows in gold")
    never = [c for c in without if _newest(known, c, day) is None]
    if never:
        return _made(day, State.missing, f"no rows in {_names(never)}")
    return None


def _of_its_making(known: Known, day: date, is_newest: bool) -> DateStatus | None:
    made = [(c, p) for c in _judged(known, is_newest) if (p := _newest(known, c, day))]
    if older := [(c, p) for c, p in made if p.contract_version != c.version]:
        contract, by = older[0]
        why = f"{_names(c for c, _ in older)} made by contract {by.contract_version}, now {contract.version}"
        return _made(day, State.older_contract, why)
    other = [(c, p) for c, p in made if p.code_version not in {None, known.code_version}]
    if other:
        by = other[0][1]
        why = f"{_names(c for c, _ in other)} made by code {by.code_version}, now {known.code_version}"
        return _made(day, State.older_code, why)
    return None


def _of_its_time(known: Known, day: date, _: bool) -> DateStatus | None:
    """Late by the contract's latency after the date's end; a date that ended before the table's first is history."""
    end = datetime.combine(day + timedelta(days=1), time(), tzinfo=UTC)
    for contract in known.gold:
        of_table = [p for p in known.publications if p.table_address == contract.id]
        naming = [p.first for p in of_table if p.dates and day in p.dates]
        if not (contract.latency and is_dated(contract) and naming) or end < min(p.first for p in of_table):
            continue
        if (after := min(naming) - end) > contract.latency:
            why = (
                f"{contract.name} published {_hours(after)} after its end, at most {_hours(contract.latency)}"
            )
            return _made(day, State.late, why)
    return None


def _why_current(known: Known, day: date, is_newest: bool) -> str:
    judged = _judged(known, is_newest)
    if not judged:
        return "its run did not fail; gold is made by any run"
    published = (_newest(known, contract, day) for contract in judged)
    last = max((one for one in published if one), key=lambda one: one.last, default=None)
    if last is None:
        return "its publication is not in the run ledger"
    return f"published {_minute(last.last)} by {last.run_id}"


def _judged(known: Known, is_newest: bool) -> list[Contract]:
    return [contract for contract in known.gold if is_newest or is_dated(contract)]


def _newest(known: Known, contract: Contract, day: date) -> Publication | None:
    covering = [p for p in _covering(known, day) if p.table_address == contract.id]
    return max(covering, key=lambda one: one.last, default=None)


def _covering(known: Known, day: date) -> list[Publication]:
    """The publications that made a date; a table that is not by date is made by any, as far as there was news."""
    dated = {contract.id for contract in known.gold if is_dated(contract)}
    return [p for p in known.publications if p.covers(day) or p.table_address not in dated]


def _names(contracts: Iterable[Contract]) -> str:
    return ", ".join(contract.name for contract in contracts)


def _minute(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M")


def _hours(time: timedelta) -> str:
    return f"{time.total_seconds() / 3600:.1f} h"
