"""Which stays are one episode: worked out by hand from the definition in docs/clinical.md.

Every scenario is a patient of its own, so that Spark computes them all at once.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pytest

from tests.lakehouse.frames import texts
from tests.lakehouse.transforms.clinical.clinic import condition, organization, patient, silver, stay

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

type Columns = Mapping[str, Any]
type Rows = list[dict[str, str | None]]

FIRST: Columns = {"start": "2025-03-01 10:00:00", "end": "2025-03-05 09:00:00"}
LONG: Columns = {"start": "2025-03-01 10:00:00", "end": "2025-03-20 09:00:00"}
UNTIL = "2025-03-10 09:00:00"
NEW_YORK, NEWARK, NOWHERE = (organization(key, "America/New_York") for key in ("ny", "nj", "nowhere"))
ONE, TWO = [("1", "2", "2")], [("1", "1", "1"), ("2", "2", "1")]

JOINED: dict[str, tuple[list[Columns], list[tuple[str, str, str]]]] = {
    "transfer on the same day": (
        [FIRST, {"start": "2025-03-05 12:00:00", "end": UNTIL, "organization_id": "h2"}],
        ONE,
    ),
    "transfer on the next day": (
        [FIRST, {"start": "2025-03-06 23:00:00", "end": UNTIL, "organization_id": "h2"}],
        ONE,
    ),
    "other hospital two days later": (
        [FIRST, {"start": "2025-03-07 00:00:00", "end": UNTIL, "organization_id": "h2"}],
        TWO,
    ),
    "return to the hospital on the next day": ([FIRST, {"start": "2025-03-06 01:00:00", "end": UNTIL}], TWO),
    "return on the same day, causes unknown": ([FIRST, {"start": "2025-03-05 12:00:00", "end": UNTIL}], TWO),
    "return on the same day, same cause": (
        [
            {**FIRST, "principal_diagnosis_id": "failure"},
            {"start": "2025-03-05 12:00:00", "end": UNTIL, "principal_diagnosis_id": "failure again"},
        ],
        ONE,
    ),
    "return on the same day, other cause": (
        [
            {**FIRST, "principal_diagnosis_id": "failure"},
            {"start": "2025-03-05 12:00:00", "end": UNTIL, "principal_diagnosis_id": "pneumonia"},
        ],
        TWO,
    ),
    "return on the same day, cause entered in error": (
        [
            {**FIRST, "principal_diagnosis_id": "failure"},
            {"start": "2025-03-05 12:00:00", "end": UNTIL, "principal_diagnosis_id": "error"},
        ],
        TWO,
    ),
    "overlap": ([FIRST, {"start": "2025-03-04 12:00:00", "end": UNTIL}], ONE),
    "begins as the other ends": ([FIRST, {"start": "2025-03-05 09:00:00", "end": UNTIL}], TWO),
    "after a death": (
        [
            {**FIRST, "discharge_disposition": "exp"},
            {"start": "2025-03-05 08:00:00", "end": UNTIL, "organization_id": "h2"},
        ],
        TWO,
    ),
    "there and back": (
        [
            FIRST,
            {"start": "2025-03-05 12:00:00", "end": "2025-03-07 12:00:00", "organization_id": "h2"},
            {"start": "2025-03-08 12:00:00"},
        ],
        [("1", "3", "3")],
    ),
    "one within another": (
        [LONG, {"start": "2025-03-03 10:00:00", "end": "2025-03-05 09:00:00", "organization_id": "h2"}],
        [("1", "1", "2")],
    ),
    "one within another, then an overlap with the longer": (
        [
            LONG,
            {"start": "2025-03-03 10:00:00", "end": "2025-03-05 09:00:00", "organization_id": "h2"},
            {"start": "2025-03-19 10:00:00", "end": "2025-03-25 09:00:00", "organization_id": "h3"},
        ],
        [("1", "3", "3")],
    ),
    "an overlap with an episode that a death ended is none": (
        [
            LONG,
            {"start": "2025-03-03 10:00:00", "end": "2025-03-05 09:00:00", "discharge_disposition": "exp"},
            {"start": "2025-03-08 10:00:00", "end": "2025-03-09 09:00:00"},
            {"start": "2025-03-12 10:00:00", "end": "2025-03-13 09:00:00"},
        ],
        [("1", "2", "2"), ("3", "3", "1"), ("4", "4", "1")],
    ),
    **{
        f"no stay: {change}": ([{**FIRST, **change}], [])
        for change in (
            {"class_code": "AMB"},
            {"class_code": "EMER"},
            {"status": "planned"},
            {"status": "cancelled"},
            {"status": "entered-in-error"},
            {"is_deleted": "true"},
            {"organization_id": None},
            {"period_start": None},
        )
    },
    "no stay: a deleted patient": ([FIRST], []),
    # New York is 5 hours behind UTC in winter, 4 from 2025-03-09 02:00 on. So the first stay ends on the 9th, 23:30,
    # the second begins on the 11th at 00:30: two days later there, the next day in UTC.
    "two days later in New York": (
        [
            {"start": "2025-03-08 03:30:00", "end": "2025-03-10 03:30:00", "organization_id": "ny"},
            {"start": "2025-03-11 04:30:00", "end": "2025-03-12 03:30:00", "organization_id": "nj"},
        ],
        TWO,
    ),
    "next day in New York": (
        [
            {"start": "2025-03-08 03:30:00", "end": "2025-03-10 03:30:00", "organization_id": "ny"},
            {"start": "2025-03-11 03:30:00", "end": "2025-03-12 03:30:00", "organization_id": "nj"},
        ],
        ONE,
    ),
    # As written, not the UTC dates, which are those of the times.
    "dates as written": (
        [{**FIRST, "start_date": "2025-02-28", "end_date": "2025-03-04"}],
        [("1", "1", "1")],
    ),
    "dates without a time of day": (
        [
            {
                **FIRST,
                "period_start_precision": "8",
                "period_end_precision": "8",
                "organization_id": "ny",
                "start_date": "2025-02-28",
                "end_date": "2025-03-04",
            }
        ],
        [("1", "1", "1")],
    ),
    "a zone that nobody knows": ([{**FIRST, "organization_id": "nowhere"}], [("1", "1", "1")]),
}
BIRTHS = {
    "65 on the day": ("1960-03-01", "2025-03-01", "65"),
    "65 tomorrow": ("1960-03-02", "2025-03-01", "64"),
    "born on 29 February, on 28": ("1960-02-29", "2025-02-28", "64"),
    "born on 29 February, on 1 March": ("1960-02-29", "2025-03-01", "65"),
    "newborn": ("2025-03-01", "2025-03-01", "0"),
    "birth date unknown": (None, "2025-03-01", None),
}


@pytest.fixture(scope="module")
def episodes(spark: "SparkSession") -> dict[str, Rows]:
    """Patient → episodes, in order."""
    from lakehouse.transforms.clinical.silver.inpatient_episode import transform

    encounters = [
        stay(f"{name} {number}", patient=name, **columns)
        for name, (stays, _) in JOINED.items()
        for number, columns in enumerate(stays, 1)
    ]
    encounters += [
        stay(f"{name} 1", f"{day} 00:00:00", f"{day} 12:00:00", name) for name, (_, day, _) in BIRTHS.items()
    ]
    people = [patient(name, is_deleted=str("deleted patient" in name)) for name in JOINED]
    people += [patient(name, birth_date=birth) for name, (birth, _, _) in BIRTHS.items()]
    made = silver(
        spark,
        encounter=encounters,
        patient=people,
        organization=[organization(), NEW_YORK, NEWARK, {**NOWHERE, "time_zone": "Middle/Earth"}],
        condition=[
            condition("failure", "I50.9"),
            condition("failure again", "I50.9"),
            condition("pneumonia", "J18.9"),
            condition("error", "I50.9", verification_status="entered-in-error"),
        ],
    )
    names = ("encounter", "condition", "organization", "patient")
    rows = texts(transform(**{name: made[name] for name in names}))
    ordered = sorted(rows, key=lambda row: str(row["episode_id"]))
    return {name: [row for row in ordered if row["patient_id"] == name] for name in (*JOINED, *BIRTHS)}


@pytest.mark.parametrize("name", JOINED)
def test_which_stays_are_one_episode(episodes: dict[str, Rows], name: str) -> None:
    keys = ("first_encounter_id", "last_encounter_id", "stays")
    found = [tuple(str(row[key]).removeprefix(f"{name} ") for key in keys) for row in episodes[name]]

    assert found == JOINED[name][1]
    assert all(row["episode_id"] == row["first_encounter_id"] for row in episodes[name])


def of(row: dict[str, str | None], *columns: str) -> list[str | None]:
    return [row[column] for column in columns]


def test_an_open_stay_leaves_the_episode_open(episodes: dict[str, Rows]) -> None:
    [row] = episodes["there and back"]

    assert of(row, "is_open", "discharged_at", "discharge_date") == ["true", None, None]
    assert of(row, "admission_date", "last_stay_admission_date") == ["2025-03-01", "2025-03-08"]
    assert of(row, "admitting_hospital_id", "discharging_hospital_id") == ["h1", "h1"]


def test_a_stay_within_another_does_not_end_it(episodes: dict[str, Rows]) -> None:
    [row] = episodes["one within another"]

    assert of(row, "discharging_hospital_id", "discharge_date") == ["h1", "2025-03-20"]


def test_a_death_ends_an_episode_whatever_else_lasts_longer(episodes: dict[str, Rows]) -> None:
    row, *_ = episodes["an overlap with an episode that a death ended is none"]

    assert of(row, "discharge_disposition", "discharge_date") == ["exp", "2025-03-05"]


@pytest.mark.parametrize(
    ("name", "admitted", "discharged"),
    [
        ("next day in New York", "2025-03-07", "2025-03-11"),
        ("dates as written", "2025-02-28", "2025-03-04"),
        ("dates without a time of day", "2025-02-28", "2025-03-04"),
        ("a zone that nobody knows", "2025-03-01", "2025-03-05"),
    ],
)
def test_the_time_zone_of_the_hospital_decides_the_day(
    episodes: dict[str, Rows], name: str, admitted: str, discharged: str
) -> None:
    [row] = episodes[name]

    assert of(row, "admission_date", "discharge_date") == [admitted, discharged]


@pytest.mark.parametrize("name", BIRTHS)
def test_age_is_of_whole_years_at_admission(episodes: dict[str, Rows], name: str) -> None:
    [row] = episodes[name]

    assert row["age_at_admission"] == BIRTHS[name][2]


def test_spark_knows_every_zone_that_is_called_known(spark: "SparkSession") -> None:
    from pyspark.sql import functions as F

    from lakehouse.transforms.clinical.dates import known_zones

    known = known_zones(spark)
    zones = spark.createDataFrame([(zone,) for zone in known], "zone string")
    local = F.from_utc_timestamp(F.lit("2025-01-01").cast("timestamp"), F.col("zone"))

    assert {"America/New_York", "Europe/Berlin", "UTC"} <= {*known}
    assert zones.where(local.isNull()).count() == 0
