"""A change reaches the months that it should, and months by their scope are those of the whole table made anew.

By hand for a few patients; and for a random clinic to which one thing after the other happens, forwards and backwards.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pytest

from lakehouse.address import Address
from lakehouse.contract import Contract, load, published_inputs
from lakehouse.steps.transforms import gold_rows, scope_rule
from lakehouse.transforms.held import holding
from tests.lakehouse.frames import TextRow, change
from tests.lakehouse.transforms.clinical.changing_clinic import CHANGES, Clinic
from tests.lakehouse.transforms.clinical.clinic import patient, procedure, silver, stay

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from lakehouse.transforms.scope import Scope, Scopes

pytestmark = [pytest.mark.timeout(1800), pytest.mark.usefixtures("evidence_key")]

GOLD = [
    load(Address("clinical", "gold", table))
    for table in ("mortality", "readmission", "infection", "average_length_of_stay", "measure_evidence")
]
SEED = 7
EPISODES = Address("clinical", "silver", "inpatient_episode")

type Tables = "dict[Address, DataFrame]"
type Months = dict[str, Counter[str]]
"""Month → its rows as text."""


def tables(spark: "SparkSession", clinic: Clinic) -> Tables:
    rows = {name: list(of.values()) for name, of in clinic.tables.items()}
    return in_silver(silver(spark, **rows))


def in_silver(frames: "Mapping[str, DataFrame]") -> Tables:
    return {Address("clinical", "silver", name): frame.localCheckpoint() for name, frame in frames.items()}


def gold(contract: Contract, published: "Mapping[Address, DataFrame]") -> Months:
    inputs = dict(published)
    if EPISODES in contract.inputs:
        inputs[EPISODES] = gold_rows(load(EPISODES), {a: published[a] for a in load(EPISODES).inputs})
    months: Months = {}
    for row in gold_rows(contract, {a: inputs[a] for a in contract.inputs}).collect():
        months.setdefault(str(row["month"]), Counter())[str(row)] += 1
    return months


def scopes_of(contracts: Sequence[Contract], before: Tables, after: Tables) -> "Scopes":
    inputs = {address: after[address] for contract in contracts for address in published_inputs(contract)}
    changes = {
        address: change(before[address], after[address])
        for address in inputs
        if before[address] is not after[address]
    }
    with holding():
        return scope_rule("clinical")(contracts, inputs, changes, set())


@pytest.fixture(scope="module")
def states(spark: "SparkSession") -> "list[tuple[str, Tables]]":
    """A clinic as it was drawn, and after each change, by the change's name."""
    clinic = Clinic.draw(SEED)
    found = [("drawn", tables(spark, clinic))]
    for happens in CHANGES:
        later = clinic.copy()
        happens(later)
        same = {name for name in later.tables if later.tables[name] == clinic.tables[name]}
        made = tables(spark, later)
        earlier = found[-1][1]
        found.append((happens.__name__, {a: earlier[a] if a.table in same else made[a] for a in made}))
        clinic = later
    return found


@pytest.mark.slow
def test_months_by_scope_are_the_whole_table_made_anew(states: "list[tuple[str, Tables]]") -> None:
    whole = [{contract.name: gold(contract, tables) for contract in GOLD} for _, tables in states]
    changed, spared = Counter[str](), Counter[str]()
    for number, (name, _) in enumerate(states[1:]):
        for before, after in ((number, number + 1), (number + 1, number)):
            scopes = scopes_of(GOLD, states[before][1], states[after][1])
            for contract in GOLD:
                was, is_now = whole[before][contract.name], whole[after][contract.name]
                found, kept = by_scope(contract, scopes[contract.address], was)
                assert found == is_now, f"{contract.name}: {name}, {states[before][0]} to {states[after][0]}"
                changed[contract.name] += was != is_now
                spared[contract.name] += kept
    assert min(changed[contract.name] for contract in GOLD) >= 4
    assert min(spared[contract.name] for contract in GOLD) >= 50


def by_scope(contract: Contract, scope: "Scope", before: Months) -> tuple[Months, int]:
    """The table as it was with the months of a scope made anew, and how many months are as they were."""
    recomputed = {str(month) for month in scope.partitions}
    made = gold(contract, scope.inputs) if recomputed else {}
    kept = {month: rows for month, rows in before.items() if month not in recomputed}
    return {**kept, **{month: rows for month, rows in made.items() if month in recomputed}}, len(kept)


CLINIC = {
    "patient": [patient(key) for key in ("p1", "p2", "p3", "p4")],
    "encounter": [
        stay("e1", "2024-01-10 09:00:00", "2024-01-15 09:00:00", "p1"),
        stay("e2", "2024-02-05 09:00:00", "2024-02-08 09:00:00", "p1"),
        stay("e3", "2024-04-03 09:00:00", "2024-04-06 09:00:00", "p2"),
        stay("e4", "2024-05-20 09:00:00", None, "p3"),
        stay("e5", "2024-06-30 09:00:00", "2024-06-30 19:00:00", "p4"),
    ],
}
"""Patient p1 was readmitted, p3 is in hospital, and 30 June is the end of data."""
LEFT_LATER = {
    "encounter": [*CLINIC["encounter"][1:], stay("e1", "2024-01-10 09:00:00", "2024-02-03 09:00:00", "p1")]
}
A_DAY_LATER = {
    "encounter": [*CLINIC["encounter"], stay("e6", "2024-07-01 09:00:00", "2024-07-01 19:00:00", "p4")]
}
STILL_THERE = {"encounter": [*CLINIC["encounter"][:-1], stay("e5", "2024-06-30 09:00:00", None, "p4")]}
JANUARY, FEBRUARY, JUNE, JULY = (f"2024-{month}-01" for month in ("01", "02", "06", "07"))


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        # The stay of January ends in February: so do its days, the discharge and what it was an index of.
        pytest.param(
            LEFT_LATER,
            {
                "mortality": set(),
                "readmission": {JANUARY, FEBRUARY},
                "infection": {JANUARY, FEBRUARY},
                "average_length_of_stay": {JANUARY, FEBRUARY},
                "measure_evidence": {JANUARY, FEBRUARY},
            },
            id="left later",
        ),
        # Who left on 1 June is followed for 30 days now; nobody did, which a rule of dates does not see.
        pytest.param(
            A_DAY_LATER,
            {
                "mortality": {JULY},
                "readmission": {JUNE, JULY},
                "infection": {JULY},
                "average_length_of_stay": {JULY},
                "measure_evidence": {JUNE, JULY},
            },
            id="a day later",
        ),
        # What is open has no evidence of mortality, and other evidence without a month. It has the same day.
        pytest.param(
            STILL_THERE,
            {
                "mortality": {JUNE},
                "readmission": {JUNE},
                "infection": set(),
                "average_length_of_stay": {JUNE},
                "measure_evidence": {JUNE, None},
            },
            id="still there",
        ),
        # The readmission of February was planned. Whom the procedure names does not count, its encounter does.
        pytest.param(
            {"procedure": [procedure("x1", "30233G0", "e2", "p2")]},
            {
                "mortality": set(),
                "readmission": {JANUARY},
                "infection": set(),
                "average_length_of_stay": set(),
                "measure_evidence": {JANUARY},
            },
            id="a planned procedure",
        ),
    ],
)
def test_the_months_of_a_change_and_no_others(
    spark: "SparkSession", later: dict[str, list[TextRow]], expected: dict[str, set[str | None]]
) -> None:
    before = in_silver(silver(spark, **CLINIC))
    after = {
        **before,
        **in_silver({name: made for name, made in silver(spark, **later).items() if name in later}),
    }

    scopes = scopes_of(GOLD, before, after)

    assert {address.table: {*scope.partitions} for address, scope in scopes.items()} == expected
