"""Months by their scope over what was there before are the whole table made anew, whatever happened to silver.

Random clinics to which one thing after the other happens, seen forwards and backwards.
"""

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

import pytest

from lakehouse.address import Address
from lakehouse.contract import Contract, load, published_inputs
from lakehouse.steps.transforms import gold_rows, scope_rule
from lakehouse.transforms.scope import Change
from tests.lakehouse.transforms.clinical.changing_clinic import CHANGES, Clinic
from tests.lakehouse.transforms.clinical.clinic import silver

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from lakehouse.transforms.scope import Scope

pytestmark = [pytest.mark.timeout(1800), pytest.mark.usefixtures("evidence_key")]

GOLD = ("mortality", "readmission", "infection", "average_length_of_stay", "measure_evidence")
SEED = 7
EPISODES = Address("clinical", "silver", "inpatient_episode")

type Tables = "dict[Address, DataFrame]"
type Months = dict[str, Counter[str]]
"""Month → its rows as text."""


def tables(spark: "SparkSession", clinic: Clinic) -> Tables:
    rows = {name: list(of.values()) for name, of in clinic.tables.items()}
    made = silver(spark, **rows)
    return {Address("clinical", "silver", name): frame.localCheckpoint() for name, frame in made.items()}


def gold(contract: Contract, published: "Mapping[Address, DataFrame]") -> Months:
    inputs = dict(published)
    if EPISODES in contract.inputs:
        inputs[EPISODES] = gold_rows(load(EPISODES), {a: published[a] for a in load(EPISODES).inputs})
    months: Months = {}
    for row in gold_rows(contract, {a: inputs[a] for a in contract.inputs}).collect():
        months.setdefault(str(row["month"]), Counter())[str(row)] += 1
    return months


def scope_of(contract: Contract, before: Tables, after: Tables) -> "Scope | None":
    inputs = {address: after[address] for address in published_inputs(contract)}
    changes = {
        address: Change(was, is_now, went=was, came=is_now, partitions=[])
        for address in inputs
        if (was := before[address]) is not (is_now := after[address])
    }
    return scope_rule(contract)(contract, inputs, changes, set())


@pytest.fixture(scope="module")
def states(spark: "SparkSession") -> "list[tuple[str, Tables]]":
    """A clinic as it was drawn, and after each change, by the change's name."""
    clinic = Clinic.draw(SEED)
    found = [("drawn", tables(spark, clinic))]
    for change in CHANGES:
        later = clinic.copy()
        change(later)
        same = {name for name in later.tables if later.tables[name] == clinic.tables[name]}
        made = tables(spark, later)
        earlier = found[-1][1]
        found.append((change.__name__, {a: earlier[a] if a.table in same else made[a] for a in made}))
        clinic = later
    return found


@pytest.mark.parametrize("table", GOLD)
def test_what_is_recomputed_is_what_changed(states: "list[tuple[str, Tables]]", table: str) -> None:
    contract = load(Address("clinical", "gold", table))
    whole = [gold(contract, tables) for _, tables in states]
    changed = spared = 0
    for number, (name, _) in enumerate(states[1:]):
        for before, after in ((number, number + 1), (number + 1, number)):
            scope = scope_of(contract, states[before][1], states[after][1])
            assert scope is not None, name
            recomputed = {str(month) for month in scope.partitions}
            made = gold(contract, scope.inputs) if recomputed else {}
            kept = {month: rows for month, rows in whole[before].items() if month not in recomputed}
            found = {**kept, **{month: rows for month, rows in made.items() if month in recomputed}}
            assert found == whole[after], f"{name}, {states[before][0]} to {states[after][0]}"
            changed += whole[before] != whole[after]
            spared += len(kept)
    assert changed >= 6
    assert spared >= 100
