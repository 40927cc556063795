"""Which months of clinical gold a change reaches, and the stays that they are made of.

What a patient contributes to a table hangs on no other patient, but for the end of data. So a change reaches the months
in which the patients whom it touched contribute something else than before, made by the very code that makes the table,
and the months for which the end of data decides. They are made of all that is known of the patients who stayed in them.
"""

from calendar import monthrange
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from functools import reduce
from operator import or_

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from lakehouse.contract import Contract
from lakehouse.transforms.clinical.contributions import CONTRIBUTIONS, MADE_OF
from lakehouse.transforms.clinical.end_of_data import END_OF_DATA
from lakehouse.transforms.clinical.silver_version import SilverVersion
from lakehouse.transforms.clinical.touched import differing, touched_patients
from lakehouse.transforms.held import held
from lakehouse.transforms.scope import Change, Changes, Inputs, Scope, Scopes

MONTH = "month"

type Month = date | None
"""Its first day; None for what is not counted in any month yet."""
type Months = set[Month]


def scopes(contracts: Sequence[Contract], inputs: Inputs, changes: Changes, asked: set[str]) -> Scopes:
    """The months that a change reaches and those of the days asked for, made of the patients who stayed in them."""
    after = SilverVersion({address.table: frame for address, frame in inputs.items()})
    reached = _reached_months(contracts, after, {a.table: change for a, change in changes.items()})
    of_days = {date.fromisoformat(day).replace(day=1) for day in asked}
    months = {name: found | of_days for name, found in reached.items() if found is not None}
    made_of = _made_of(after, {month for found in months.values() for month in found})
    restricted = {address: made_of[address.table] for address in inputs}
    return {
        contract.address: Scope(_partitions(months[contract.name]), restricted)
        for contract in contracts
        if contract.name in months
    }


def _reached_months(
    contracts: Sequence[Contract], after: SilverVersion, changes: Mapping[str, Change]
) -> dict[str, Months | None]:
    """By table; None where it may be any: there was, or is, no stay at all."""
    if not changes:
        return {contract.name: set() for contract in contracts}
    before = SilverVersion({**after.tables, **{table: change.before for table, change in changes.items()}})
    touched = touched_patients(before, after, changes)
    looked_at = touched.union(before.last_patients()).union(after.last_patients()).distinct()
    patients = held(looked_at)
    was, is_now = (silver.of_patients(patients, is_held=True) for silver in (before, after))
    decided = _decided_by_the_end([contract.name for contract in contracts], was, is_now)
    differing_months = _differing_months({part for c in contracts for part in MADE_OF[c.name]}, was, is_now)
    found: dict[str, Months | None] = {}
    for contract in contracts:
        months = {month for part in MADE_OF[contract.name] for month in differing_months[part]}
        is_counted_in_none = {column.name: not column.required for column in contract.columns}[MONTH]
        of_the_end = decided[contract.name]
        counted = months if is_counted_in_none else months - {None}
        found[contract.name] = None if of_the_end is None else counted | of_the_end
    return found


def _decided_by_the_end(
    tables: Iterable[str], was: SilverVersion, is_now: SilverVersion
) -> dict[str, set[date] | None]:
    """By table."""
    depending = {table: END_OF_DATA[table] for table in tables if table in END_OF_DATA}
    ends = {
        of: [row[0] for row in of(was).union(of(is_now)).collect()]
        for of in {end.of for end in depending.values()}
    }
    found: dict[str, set[date] | None] = {table: set() for table in tables}
    for table, end in depending.items():
        of_versions = ends[end.of]
        found[table] = None if None in of_versions else end.months(min(of_versions), max(of_versions))
    return found


def _differing_months(parts: Collection[str], was: SilverVersion, is_now: SilverVersion) -> dict[str, Months]:
    """The months in which contributions differ, by their name."""
    found = [
        differing(CONTRIBUTIONS[part](was), CONTRIBUTIONS[part](is_now))
        .select(F.lit(part).alias("part"), MONTH)
        .distinct()
        for part in sorted(parts)
    ]
    months: dict[str, Months] = {part: set() for part in parts}
    for row in reduce(DataFrame.union, found).collect():
        months[row["part"]].add(row[MONTH])
    return months


def _made_of(silver: SilverVersion, months: Months) -> SilverVersion:
    """The stays of all patients who stayed in one of the months, and of those by whom the end of data is known."""
    if not months:
        return silver
    in_one = reduce(or_, map(_is_in, months))
    patients = silver.stays.where(in_one).select("patient_id").union(silver.last_patients())
    return silver.of_patients(held(patients.distinct()))


def _partitions(months: Months) -> list[str | None]:
    return [month.isoformat() if month else None for month in sorted(months, key=str)]


def _is_in(month: Month) -> Column:
    """Whether a stay has a day in the month, or is open where what is so counts in none."""
    if month is None:
        return F.col("discharge_date").isNull()
    last_day = month.replace(day=monthrange(month.year, month.month)[1])
    begins = F.least("admission_date", "discharge_date")
    ends = F.greatest("admission_date", "discharge_date")
    return (begins <= last_day) & (F.col("discharge_date").isNull() | (ends >= month))
