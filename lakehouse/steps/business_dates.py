"""Tables by business date, made of facts by business date: the scope of a change is the dates of the facts.

A line counts on its order's date, which may not be its own.
"""

from collections.abc import Sequence
from functools import reduce

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from lakehouse.address import Address
from lakehouse.contract import Contract, load, published_inputs
from lakehouse.transforms.scope import Change, Changes, Inputs, Scope, Scopes

BUSINESS_DATE = "date"


def is_by_date(contract: Contract) -> bool:
    """Whether the table is partitioned by business date alone."""
    return contract.partition_by == [BUSINESS_DATE]


def scopes(contracts: Sequence[Contract], inputs: Inputs, changes: Changes, asked: set[str]) -> Scopes:
    """The dates of changed facts and of the parents of changed lines; none where a change may reach any date."""
    dates = {
        address: change.values(BUSINESS_DATE) | _dates_of_parents(address, change, inputs)
        for address, change in changes.items()
        if is_by_date(load(address))
    }
    found: dict[Address, Scope] = {}
    for contract in filter(is_by_date, contracts):
        changed = changes.keys() & set(published_inputs(contract))
        if changed <= dates.keys():
            reached = sorted(asked.union(*(dates[address] for address in changed)))
            found[contract.address] = Scope(reached, _restrict(inputs, reached))
    return found


def _dates_of_parents(address: Address, change: Change, inputs: Inputs) -> set[str]:
    dates: set[str] = set()
    for column, reference in load(address).references.items():
        if is_by_date(load(reference.address)):
            keys = reduce(
                DataFrame.union,
                (
                    _keys(frame, column, reference.column, change.values(BUSINESS_DATE))
                    for frame in (change.before, change.after)
                ),
            )
            parents = inputs[reference.address].join(keys, reference.column, "left_semi")
            rows = parents.select(F.col(BUSINESS_DATE).cast("string")).distinct()
            dates |= {row[0] for row in rows.collect()}
    return dates


def _keys(changed: DataFrame, column: str, parent_column: str, partitions: set[str]) -> DataFrame:
    rows = changed.where(F.col(BUSINESS_DATE).isin(sorted(partitions)))
    return rows.select(F.col(column).alias(parent_column))


def _restrict(inputs: Inputs, dates: list[str]) -> Inputs:
    """Inputs that hold facts of the dates only; a table that refers to a dated one follows its parent's dates."""
    restricted = dict(inputs)
    for address, frame in inputs.items():
        if is_by_date(load(address)) and not load(address).references:
            restricted[address] = frame.where(F.col(BUSINESS_DATE).isin(dates))
    return restricted
