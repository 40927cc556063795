"""Versions, deletions, repeats and orphans of FHIR resources, in any order of deliveries, end in the same silver.

Which version wins is worked out beside the product: the newest by `lastUpdated`, then by number; a deletion that has no
number after those of its instant.
"""

import random
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.lakehouse.steps.clinic import bundle, deletion, encounter, lines, patient, to_silver

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from pyspark.sql import SparkSession

    from tests.lakehouse.steps.lake import Lake

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]  # on a machine that others use as well

DELIVERIES = 3
TABLES = ("resource", "patient", "encounter")
TIMES = (
    "2025-03-01T08:00:00Z",
    "2025-03-01T08:30:00.5+00:00",
    "2025-03-01T09:00:00+01:00",
    "2025-03-02T00:00:00Z",
)
INSTANTS = dict(zip(TIMES, (0, 1, 0, 2), strict=True))
"""The third is the first, written in another zone."""
PERIODS = (
    {"start": "2025-03-01T08:00:00Z", "end": "2025-03-04"},
    {"start": "2025-03-02"},
    {"start": "2025-03-04T08:00:00Z", "end": "2025-03-02T08:00:00Z"},
    {"start": "2025-02-30"},
)


@dataclass(frozen=True)
class Event:
    """A version of a resource, or its deletion, in a delivery."""

    kind: str
    key: str
    at: str
    number: int | None
    is_deletion: bool
    choice: int
    delivery: int

    @property
    def version(self) -> tuple[float, ...]:
        number = float("inf") if self.number is None and self.is_deletion else self.number or 0
        return (INSTANTS[self.at], number)

    def entry(self) -> dict[str, Any]:
        if self.is_deletion:
            entry = deletion(self.kind, self.key, self.at)
            return (
                entry
                if self.number is None
                else {**entry, "response": {**entry["response"], "etag": f'W/"{self.number}"'}}
            )
        if self.kind == "Patient":
            born = ("1950-01-01", "1950-01-02", "2025-02-30")[self.choice % 3]
            return patient(self.key[1:], self.number, self.at, birthDate=born)
        of = f"p{self.choice // len(PERIODS)}"
        return encounter(self.key[1:], of, self.number, self.at, period=PERIODS[self.choice % len(PERIODS)])

    @property
    def is_sound(self) -> bool:
        if self.is_deletion:
            return True
        return self.choice % 3 != 2 if self.kind == "Patient" else self.choice % len(PERIODS) < 2


def events() -> list[Event]:
    """Few keys, versions and contents, so that they meet; no two differ in content alone."""
    chosen = random.Random(7)
    made: dict[tuple[object, ...], Event] = {}
    for _ in range(220):
        kind, count = chosen.choice((("Patient", 24), ("Encounter", 40)))
        number = chosen.choice((None, 1, 2, 9, 10))
        event = Event(
            kind,
            f"{kind[0].lower()}{chosen.randrange(count)}",
            chosen.choice(TIMES),
            number,
            chosen.random() < 0.2,
            chosen.randrange(len(PERIODS) * 40),
            chosen.randrange(DELIVERIES),
        )
        made.setdefault((kind, event.key, *event.version), event)
    return list(made.values())


EVENTS = events()
REPEATED = [event for event in EVENTS if not event.is_deletion][::7]


def expected() -> dict[str, dict[str, Event]]:
    """The winner of each key, by kind."""
    winners: dict[str, dict[str, Event]] = {"Patient": {}, "Encounter": {}}
    for kind in winners:
        by_key: dict[str, list[Event]] = defaultdict(list)
        for event in EVENTS:
            known = (
                event.is_deletion
                or kind == "Patient"
                or f"p{event.choice // len(PERIODS)}" in winners["Patient"]
            )
            if event.kind == kind and event.is_sound and known:
                by_key[event.key].append(event)
        winners[kind] = {key: max(rivals, key=lambda one: one.version) for key, rivals in by_key.items()}
    return winners


def taken_in(spark: "SparkSession", s3: "S3Client", order: tuple[tuple[int, ...], ...]) -> "Lake":
    """A lake that took in the deliveries run by run."""
    from tests.lakehouse.steps.lake import Lake

    lake = Lake.of_its_own(spark, s3, "clinical")
    for run, deliveries in enumerate(order):
        for delivery in deliveries:
            lake.deliver(
                "bundle", f"{delivery}.json", bundle(*(e.entry() for e in EVENTS if e.delivery == delivery))
            )
        if run == 1:
            lake.deliver("patient", "again.ndjson", lines(*(event.entry() for event in REPEATED)))
        to_silver(lake, f"run_{run}", tables=(*TABLES, "fhir_resources"))
    return lake


ORDERS = {"forwards": ((0,), (1,), (2,)), "backwards": ((2,), (1, 0))}


@pytest.fixture(scope="module", params=ORDERS)
def lake(request: pytest.FixtureRequest, spark: "SparkSession", s3: "S3Client") -> "Lake":
    return taken_in(spark, s3, ORDERS[request.param])


def test_the_newest_sound_version_wins(lake: "Lake") -> None:
    winners = expected()

    patients = {str(row["patient_id"]): row for row in lake.rows("silver.patient")}
    assert patients.keys() == winners["Patient"].keys()
    for key, winner in winners["Patient"].items():
        born = None if winner.is_deletion else winner.entry()["birthDate"]
        assert (patients[key]["birth_date"], patients[key]["is_deleted"]) == (
            born,
            str(winner.is_deletion).lower(),
        )
    encounters = {str(row["encounter_id"]): row for row in lake.rows("silver.encounter")}
    assert encounters.keys() == winners["Encounter"].keys()
    for key, winner in winners["Encounter"].items():
        told = {} if winner.is_deletion else winner.entry()
        assert encounters[key]["patient_id"] == (told["subject"]["reference"][8:] if told else None)
        assert encounters[key]["start_date"] == (told["period"]["start"][:10] if told else None)


def test_what_is_rejected_does_not_depend_on_the_order(lake: "Lake") -> None:
    patients = expected()["Patient"]
    unsound = Counter(
        ("Patient", "type:birth_date")
        if event.kind == "Patient"
        else ("Encounter", "period:encounter" if event.choice % len(PERIODS) == 2 else "type:period_start")
        for event in (*EVENTS, *REPEATED)
        if not event.is_sound
    )
    orphans = sum(
        event.kind == "Encounter" and event.is_sound and not event.is_deletion
        and f"p{event.choice // len(PERIODS)}" not in patients
        for event in (*EVENTS, *REPEATED)
    )  # fmt: skip

    found = Counter(
        (kind, row["rule"])
        for kind in ("Patient", "Encounter")
        for row in lake.table(f"rejected.{kind.lower()}").collect()
    )

    assert orphans > 5
    assert found == unsound + Counter({("Encounter", "reference:patient_id"): orphans})


def test_these_events_try_what_they_should() -> None:
    winners = expected()
    for kind in ("Patient", "Encounter"):
        deleted = {event.key for event in EVENTS if event.kind == kind and event.is_deletion}
        assert {winners[kind][key].is_deletion for key in deleted} == {True, False}
    # A delivery brings an older version than an earlier one did.
    assert any(
        one.key == other.key
        and one.kind == other.kind
        and one.delivery < other.delivery
        and one.version > other.version
        for one in EVENTS
        for other in EVENTS
    )
