"""Which months of clinical gold a change reaches, and the stays that they are made of.

What a patient contributes to a table hangs on no other patient, but for the end of data. So a change reaches the months
in which the patients whom it touched contribute something else than before, made by the very code that makes the table,
and the months for which the end of data decides. They are made of all that is known of the patients who stayed in them.
"""

from calendar import monthrange
from collections.abc import Iterable, Mapping
from datetime import date
from functools import reduce
from operator import or_

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from lakehouse.contract import Contract
from lakehouse.transforms.clinical.contributions import CONTRIBUTIONS
from lakehouse.transforms.clinical.end_of_data import END_OF_DATA
from lakehouse.transforms.clinical.silver_version import SilverVersion, held
from lakehouse.transforms.clinical.touched import differing, touched_patients
from lakehouse.transforms.scope import Change, Changes, Inputs, Scope

MONTH = "month"

type Month = date | None
"""Its first day; None for what is not counted in any month yet."""


def scope(contract: Contract, inputs: Inputs, changes: Changes, asked: set[str]) -> Scope | None:
    """The months that a change reaches and those of the days asked for, made of the patients who stayed in them."""
    after = SilverVersion({address.table: frame for address, frame in inputs.items()})
    reached = _reached_months(contract, after, {a.table: change for a, change in changes.items()})
    if reached is None:
        return None
    months = reached | {date.fromisoformat(day).replace(day=1) for day in asked}
    made_of = after.of_patients(_patients_of(after, months).union(after.last_patients()))
    partitions = [month.isoformat() if month else None for month in sorted(months, key=str)]
    return Scope(partitions, {address: made_of[address.table] for address in inputs})


def _reached_months(
    contract: Contract, after: SilverVersion, changes: Mapping[str, Change]
) -> set[Month] | None:
    """None where it may be any: there was, or is, no stay at all."""
    if not changes:
        return set()
    before = SilverVersion({**after.tables, **{table: change.before for table, change in changes.items()}})
    touched = touched_patients(before, after, changes)
    looked_at = touched.union(before.last_patients()).union(after.last_patients()).distinct()
    patients = held(looked_at)
    was, is_now = (silver.of_patients(patients, is_held=True) for silver in (before, after))
    decided = _decided_by_the_end(contract.name, was, is_now)
    if decided is None:
        return None
    contributions = CONTRIBUTIONS[contract.name]
    others = differing(contributions(was), contributions(is_now)).select(MONTH).distinct()
    is_counted_in_none = {column.name: not column.required for column in contract.columns}[MONTH]
    months = {row[MONTH] for row in others.collect()}
    return (months if is_counted_in_none else months - {None}) | decided


def _decided_by_the_end(table: str, was: SilverVersion, is_now: SilverVersion) -> set[Month] | None:
    if table not in END_OF_DATA:
        return set()
    end = END_OF_DATA[table]
    ends = [row[0] for row in end.of(was).union(end.of(is_now)).collect()]
    if None in ends:
        return None
    return {*end.months(min(ends), max(ends))}


def _patients_of(silver: SilverVersion, months: Iterable[Month]) -> DataFrame:
    """The patients of all stays that have a day in one of the months, or are open where what is so counts in none."""
    in_one = reduce(or_, map(_is_in, months), F.lit(False))
    return silver.stays.where(in_one).select("patient_id")


def _is_in(month: Month) -> Column:
    if month is None:
        return F.col("discharge_date").isNull()
    last_day = month.replace(day=monthrange(month.year, month.month)[1])
    begins = F.least("admission_date", "discharge_date")
    ends = F.greatest("admission_date", "discharge_date")
    return (begins <= last_day) & (F.col("discharge_date").isNull() | (ends >= month))
