"""Who counts in 30-day mortality, and why not: each scenario is a patient, worked out by hand.

The rules are CMS's 30-day mortality measures as docs/clinical.md states them.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.lakehouse.frames import TextRow, texts
from tests.lakehouse.transforms.clinical.clinic import condition, dead, patient, silver, stay

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

FOUR_DAYS = ("2025-03-01 10:00:00", "2025-03-05 09:00:00")
SAME_DAY = ("2025-03-01 10:00:00", "2025-03-01 15:00:00")
ALIVE, DIED = "alive", "died"

type Stay = tuple[str, str | None, dict[str, object]]
type Scenario = tuple[Callable[[str], TextRow], list[Stay], list[str]]

# Patient, stays (start, end, columns), reasons of the episodes in order.
SCENARIOS: dict[str, Scenario] = {
    "alive": (patient, [(*FOUR_DAYS, {})], [ALIVE]),
    # 1 March + 30 days is 31 March.
    "died on day 30": (lambda key: dead(key, "2025-03-31"), [(*FOUR_DAYS, {})], [DIED]),
    "died on day 31": (lambda key: dead(key, "2025-04-01"), [(*FOUR_DAYS, {})], [ALIVE]),
    "died on the day of admission": (lambda key: dead(key, "2025-03-01"), [(*SAME_DAY, {})], [DIED]),
    "said to have died before": (lambda key: dead(key, "2025-02-28"), [(*FOUR_DAYS, {})], [ALIVE]),
    "died in hospital, date only by the discharge": (
        lambda key: patient(key, is_deceased="true"),
        [(*FOUR_DAYS, {"discharge_disposition": "exp"})],
        [DIED],
    ),
    "died in hospital, not said of the patient": (
        patient,
        [(*FOUR_DAYS, {"discharge_disposition": "exp"})],
        [DIED],
    ),
    "dead, nobody says when": (
        lambda key: patient(key, is_deceased="true"),
        [(*FOUR_DAYS, {})],
        ["unknown_vital_status"],
    ),
    "died some day in March": (
        lambda key: dead(key, "2025-03-01", deceased_at_precision=6),
        [(*FOUR_DAYS, {})],
        ["unknown_vital_status"],
    ),
    "transferred in": (patient, [(*FOUR_DAYS, {"admit_source": "hosp-trans"})], ["transferred_in"]),
    "against advice": (patient, [(*FOUR_DAYS, {"discharge_disposition": "aadvice"})], ["against_advice"]),
    "transferred in, then against advice: the first reason counts": (
        patient,
        [(*FOUR_DAYS, {"admit_source": "hosp-trans", "discharge_disposition": "aadvice"})],
        ["transferred_in"],
    ),
    "hospice on the day of admission, by onset": (
        patient,
        [(*FOUR_DAYS, {})],
        ["hospice_on_admission_day"],
    ),
    "hospice on the day of admission, by record": (
        patient,
        [(*FOUR_DAYS, {})],
        ["hospice_on_admission_day"],
    ),
    "hospice on the next day": (patient, [(*FOUR_DAYS, {})], [ALIVE]),
    "hospice entered in error": (patient, [(*FOUR_DAYS, {})], [ALIVE]),
    "to hospice on the day of admission": (
        patient,
        [(*SAME_DAY, {"discharge_disposition": "hosp"})],
        ["hospice_on_admission_day"],
    ),
    "to hospice later": (patient, [(*FOUR_DAYS, {"discharge_disposition": "hosp"})], [ALIVE]),
    "home on the same day": (patient, [(*SAME_DAY, {})], ["same_day_alive"]),
    "home on the same day, dead on the next": (
        lambda key: dead(key, "2025-03-02"),
        [(*SAME_DAY, {})],
        ["same_day_alive"],
    ),
    "transferred and home on the same day": (
        patient,
        [(*SAME_DAY, {}), ("2025-03-01 16:00:00", "2025-03-01 20:00:00", {"organization_id": "h2"})],
        [ALIVE],
    ),
    "transferred elsewhere on the same day": (
        patient,
        [(*SAME_DAY, {"discharge_disposition": "other-hcf"})],
        [ALIVE],
    ),
    "open": (patient, [("2025-03-01 10:00:00", None, {})], ["open"]),
    "two in a year": (
        lambda key: dead(key, "2025-05-10"),
        [(*FOUR_DAYS, {}), ("2025-05-01 10:00:00", "2025-05-05 09:00:00", {})],
        [ALIVE, "later_in_period"],
    ),
    "the first of the year is out": (
        lambda key: dead(key, "2025-05-10"),
        [
            (*FOUR_DAYS, {"discharge_disposition": "aadvice"}),
            ("2025-05-01 10:00:00", "2025-05-05 09:00:00", {}),
        ],
        ["against_advice", DIED],
    ),
    "one in each of two years, dead soon after both": (
        lambda key: dead(key, "2025-01-20"),
        [
            ("2024-12-31 10:00:00", "2025-01-02 09:00:00", {}),
            ("2025-01-10 10:00:00", "2025-01-15 09:00:00", {}),
        ],
        [DIED, "death_counted_before"],
    ),
    "one in each of two years, dead soon after the second": (
        lambda key: dead(key, "2025-01-20"),
        [
            ("2024-12-20 10:00:00", "2024-12-24 09:00:00", {}),
            ("2025-01-10 10:00:00", "2025-01-15 09:00:00", {}),
        ],
        [ALIVE, DIED],
    ),
}
HOSPICE: dict[str, dict[str, object]] = {
    "hospice on the day of admission, by onset": {
        "onset_date": "2025-03-01",
        "recorded_date": "2025-03-04",
    },
    "hospice on the day of admission, by record": {"recorded_date": "2025-03-01"},
    "hospice on the next day": {"onset_date": "2025-03-02", "recorded_date": "2025-03-01"},
    "hospice entered in error": {
        "onset_date": "2025-03-01",
        "verification_status": "http://terminology.hl7.org/CodeSystem/condition-ver-status|entered-in-error",
    },
}

type Rows = list[dict[str, str | None]]


@pytest.fixture(scope="module")
def made(spark: "SparkSession") -> dict[str, Rows]:
    """Evidence and the measure."""
    from lakehouse.transforms.clinical.gold.mortality import transform
    from lakehouse.transforms.clinical.mortality import mortality_evidence
    from lakehouse.transforms.clinical.silver import inpatient_episode

    tables = silver(
        spark,
        patient=[person(name) for name, (person, _, _) in SCENARIOS.items()],
        encounter=[
            stay(f"{name} {number}", start, end, name, **columns)
            for name, (_, stays, _) in SCENARIOS.items()
            for number, (start, end, columns) in enumerate(stays, 1)
        ],
        condition=[condition(name, "Z51.5", name, **columns) for name, columns in HOSPICE.items()],
    )
    sources = ("encounter", "condition", "organization", "patient")
    episodes = inpatient_episode.transform(**{name: tables[name] for name in sources}).cache()
    inputs = {"inpatient_episode": episodes, "patient": tables["patient"], "condition": tables["condition"]}
    return {"evidence": texts(mortality_evidence(**inputs)), "measure": texts(transform(**inputs))}


@pytest.mark.parametrize("name", SCENARIOS)
def test_who_counts_and_why_not(made: dict[str, Rows], name: str) -> None:
    rows = sorted((r for r in made["evidence"] if r["patient_id"] == name), key=lambda r: str(r["resource"]))

    assert [told(row) for row in rows] == SCENARIOS[name][2]


def told(row: dict[str, str | None]) -> str:
    """The reason of an episode that is out, else the outcome."""
    match row["is_denominator"], row["is_numerator"], row["reason"]:
        case "false", "false", str(reason):
            return reason
        case "true", "false", None:
            return ALIVE
        case "true", "true", None:
            return DIED
    return f"contradiction: {row}"


def test_the_measure_is_the_sum_of_the_evidence(made: dict[str, Rows]) -> None:
    """Men born in 1950 were 74 to 75 years old; two admissions were in other months than March 2025."""
    reasons = [reason for _, _, reasons in SCENARIOS.values() for reason in reasons]
    rows = {(row["month"], row["age_band"]): row for row in made["measure"]}

    assert {*rows} == {
        ("2024-12-01", "65-74"),
        *((f"2025-{month}-01", "75-84") for month in ("01", "03", "05")),
    }
    assert sum(int(row["numerator"] or 0) for row in rows.values()) == reasons.count(DIED)
    assert sum(int(row["denominator"] or 0) for row in rows.values()) == reasons.count(DIED) + reasons.count(
        ALIVE
    )
    march = rows["2025-03-01", "75-84"]
    assert march["unknown_vital_status"] == str(reasons.count("unknown_vital_status"))
    assert (march["hospital_id"], march["sex"]) == ("h1", "male")


def test_a_month_is_complete_when_30_days_more_are_known(made: dict[str, Rows]) -> None:
    """The data ends with the discharge on 2025-05-05: 31 March + 30 days is 30 April, 31 May + 30 days later."""
    complete = {row["month"]: row["is_complete"] for row in made["measure"]}

    assert complete == {
        "2024-12-01": "true",
        "2025-01-01": "true",
        "2025-03-01": "true",
        "2025-05-01": "false",
    }
