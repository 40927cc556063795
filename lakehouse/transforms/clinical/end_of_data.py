"""What the end of data decides of everybody's rows, and so the months that are others when it moves."""

from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from pyspark.sql import DataFrame

from lakehouse.transforms.clinical import mortality, readmission
from lakehouse.transforms.clinical.evidence import end_of_data
from lakehouse.transforms.clinical.infection import end_of_stays
from lakehouse.transforms.clinical.silver_version import SilverVersion

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class EndOfData:
    """How a table depends on it."""

    of: Callable[[SilverVersion], DataFrame]
    """The date as the one column of one row."""
    months: Callable[[date, date], set[date]]
    """First days of the months that are others when it moves from one date to the other, the earlier first."""


def months_between(first: date, last: date) -> set[date]:
    """First days of the months from that of one day to that of another; none where the other is earlier."""
    return {(first + n * _DAY).replace(day=1) for n in range((last - first).days + 1)}


def _of_episodes(silver: SilverVersion) -> DataFrame:
    return end_of_data(silver.episodes)


def _of_stays(silver: SilverVersion) -> DataFrame:
    return end_of_stays(silver.stays)


def _followed_up(earlier: date, later: date) -> set[date]:
    """Months that end between the last days that are followed up long enough."""
    days = timedelta(days=mortality.DAYS)
    months = months_between(earlier - days + _DAY, later - days)
    return {month for month in months if _last_day(month) <= later - days}


def _uncensored(earlier: date, later: date) -> set[date]:
    """Months with discharges between the last ones that are followed up long enough."""
    days = timedelta(days=readmission.DAYS)
    return months_between(earlier - days + _DAY, later - days)


def _lain(earlier: date, later: date) -> set[date]:
    """Months of the days that open stays have more, or less."""
    return months_between(earlier + _DAY, later)


def _last_day(month: date) -> date:
    return month.replace(day=monthrange(month.year, month.month)[1])


END_OF_DATA: Mapping[str, EndOfData] = {
    "mortality": EndOfData(_of_episodes, _followed_up),
    "readmission": EndOfData(_of_episodes, _uncensored),
    "infection": EndOfData(_of_stays, _lain),
    "measure_evidence": EndOfData(_of_episodes, _uncensored),
}
"""The tables that depend on it."""
