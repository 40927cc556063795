"""gold.ecqm_cohort on the test cases of CMS529, and on cases that those do not reach.

CMS's cases are read where they lie beside the project; each has the expected initial population in its MeasureReport.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lakehouse.address import Address
from tests.lakehouse.frames import TextRow, texts
from tests.lakehouse.transforms.clinical.clinic import LIVE, patient, silver, stay
from tests.lakehouse.transforms.clinical.product import gold_of, silver_of
from tests.oracle.files import SHARED_DATA

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

CMS529 = SHARED_DATA / "clinical" / "cms529"
READ = ("Patient", "Encounter", "Coverage", "Organization")


def expected_counts() -> dict[str, int]:
    """Patient → initial population, of each MeasureReport."""
    found = {}
    for report in CMS529.glob("*/MeasureReport-*.json"):
        [group] = json.loads(report.read_text(encoding="utf-8"))["group"]
        [population] = group["population"]
        found[report.parent.name] = population["count"]
    return found


def test_the_cases_of_cms(spark: "SparkSession") -> None:
    """41 patients with 0 to 4 qualifying encounters."""
    if not CMS529.is_dir():
        pytest.fail(f"the test cases of CMS529 are missing: put them into {CMS529}")
    files = [path for kind in READ for path in sorted(CMS529.glob(f"*/{kind}-*.json"))]
    made = gold_of(silver_of(spark, files), Address("clinical", "gold", "ecqm_cohort"))
    rows = [row for row in texts(made) if row["measure"] == "CMS529"]
    expected = expected_counts()

    assert len(expected) == 41
    assert {key: sum(row["patient_id"] == key for row in rows) for key in expected} == expected
    assert len({row["encounter_id"] for row in rows}) == sum(expected.values())


SNOMED, PAYERS = "http://snomed.info/sct", "https://nahdo.org/sopt"
INPATIENT, OBSERVATION, EMERGENCY, SURGERY = (
    f"{SNOMED}|{code}" for code in ("32485007", "448951000124107", "4525004", "110468005")
)
ADMITTED = {"start": "2026-09-10 12:00:00", "end": "2026-09-15 12:00:00", "type_codes": INPATIENT}
MEDICARE, ADVANTAGE, TRICARE = (f"{PAYERS}|{code}" for code in ("1", "11", "311"))

type Columns = Mapping[str, Any]


def visit(kind: str, start: str, end: str, **columns: object) -> Columns:
    return {"start": start, "end": end, "type_codes": kind, **columns}


# Name → encounters, and the start of the hospitalisation of each that qualifies.
CASES: dict[str, tuple[list[Columns], list[str]]] = {
    "alone": ([ADMITTED], ["2026-09-10 12:00:00"]),
    "emergency visit ends 60 minutes before": (
        [ADMITTED, visit(EMERGENCY, "2026-09-10 08:00:00", "2026-09-10 11:00:00")],
        ["2026-09-10 08:00:00"],
    ),
    "emergency visit ends 61 minutes before": (
        [ADMITTED, visit(EMERGENCY, "2026-09-10 08:00:00", "2026-09-10 10:59:00")],
        ["2026-09-10 12:00:00"],
    ),
    "emergency visit ends 60 minutes and a second before": (
        [ADMITTED, visit(EMERGENCY, "2026-09-10 08:00:00", "2026-09-10 10:59:59")],
        ["2026-09-10 12:00:00"],
    ),
    "emergency visit ends as the stay begins": (
        [ADMITTED, visit(EMERGENCY, "2026-09-10 08:00:00", "2026-09-10 12:00:00")],
        ["2026-09-10 08:00:00"],
    ),
    "emergency visit ends after the stay began": (
        [ADMITTED, visit(EMERGENCY, "2026-09-10 08:00:00", "2026-09-10 12:01:00")],
        ["2026-09-10 12:00:00"],
    ),
    "emergency visit is not finished": (
        [ADMITTED, visit(EMERGENCY, "2026-09-10 08:00:00", "2026-09-10 11:30:00", status="cancelled")],
        ["2026-09-10 12:00:00"],
    ),
    "outpatient surgery ends 60 minutes before": (
        [ADMITTED, visit(SURGERY, "2026-09-10 07:00:00", "2026-09-10 11:00:00")],
        ["2026-09-10 07:00:00"],
    ),
    "outpatient surgery ends 61 minutes before": (
        [ADMITTED, visit(SURGERY, "2026-09-10 07:00:00", "2026-09-10 10:59:00")],
        ["2026-09-10 12:00:00"],
    ),
    "surgery, then emergency, then observation": (
        [
            ADMITTED,
            visit(SURGERY, "2026-09-09 20:00:00", "2026-09-10 03:00:00"),
            visit(EMERGENCY, "2026-09-10 04:00:00", "2026-09-10 06:00:00"),
            visit(OBSERVATION, "2026-09-10 07:00:00", "2026-09-10 11:00:00"),
        ],
        ["2026-09-09 20:00:00"],
    ),
    # Emergency is looked for before surgery, so nothing leads from the surgery back to it.
    "emergency, then surgery": (
        [
            ADMITTED,
            visit(EMERGENCY, "2026-09-10 04:00:00", "2026-09-10 06:00:00"),
            visit(SURGERY, "2026-09-10 06:30:00", "2026-09-10 11:30:00"),
        ],
        ["2026-09-10 06:30:00"],
    ),
    "observation before an emergency visit does not count": (
        [
            ADMITTED,
            visit(OBSERVATION, "2026-09-10 02:00:00", "2026-09-10 07:30:00"),
            visit(EMERGENCY, "2026-09-10 08:00:00", "2026-09-10 11:30:00"),
        ],
        ["2026-09-10 08:00:00"],
    ),
    "of two emergency visits the last": (
        [
            ADMITTED,
            visit(EMERGENCY, "2026-09-10 05:00:00", "2026-09-10 11:10:00"),
            visit(EMERGENCY, "2026-09-10 09:00:00", "2026-09-10 11:50:00"),
        ],
        ["2026-09-10 09:00:00"],
    ),
    # 364 days before 2026-09-15 is 2025-09-16.
    "364 days": ([visit(INPATIENT, "2025-09-16 12:00:00", "2026-09-15 12:00:00")], ["2025-09-16 12:00:00"]),
    "365 days": ([visit(INPATIENT, "2025-09-15 12:00:00", "2026-09-15 12:00:00")], []),
    "365 days with the emergency visit": (
        [
            visit(INPATIENT, "2025-09-16 00:30:00", "2026-09-15 12:00:00"),
            visit(EMERGENCY, "2025-09-15 20:00:00", "2025-09-16 00:10:00"),
        ],
        [],
    ),
    "in progress": ([{**ADMITTED, "status": "in-progress"}], []),
    "entered in error": ([{**ADMITTED, "status": "entered-in-error"}], []),
    "deleted": ([{**ADMITTED, "is_deleted": "true"}], []),
    "another type of encounter": ([{**ADMITTED, "type_codes": EMERGENCY}], []),
    "several types": (
        [{**ADMITTED, "type_codes": f"{EMERGENCY} {INPATIENT}"}],
        ["2026-09-10 12:00:00"],
    ),
    "ends on the first day of the period": (
        [visit(INPATIENT, "2026-06-20 12:00:00", "2026-07-01 00:00:00")],
        ["2026-06-20 12:00:00"],
    ),
    "ends the day before the period": ([visit(INPATIENT, "2026-06-20 12:00:00", "2026-06-30 23:59:59")], []),
    "ends on the last day of the period": (
        [visit(INPATIENT, "2027-06-20 12:00:00", "2027-06-30 23:59:59")],
        ["2027-06-20 12:00:00"],
    ),
    "ends the day after the period": ([visit(INPATIENT, "2027-06-20 12:00:00", "2027-07-01 00:00:00")], []),
    "65 on the day": ([ADMITTED], ["2026-09-10 12:00:00"]),
    "65 on the next day": ([ADMITTED], []),
    "Medicare Advantage": ([ADMITTED], ["2026-09-10 12:00:00"]),
    "Medicare, long ago": ([ADMITTED], ["2026-09-10 12:00:00"]),
    "Tricare": ([ADMITTED], []),
    "Medicare entered in error": ([ADMITTED], []),
    "no coverage": ([ADMITTED], []),
}
BIRTHS = {"65 on the day": "1961-09-10", "65 on the next day": "1961-09-11"}
COVERAGES: dict[str, Columns | None] = {
    "Medicare Advantage": {"type_codes": ADVANTAGE},
    "Medicare, long ago": {"type_codes": MEDICARE, "period_end": "2001-01-01"},
    "Tricare": {"type_codes": TRICARE},
    "Medicare entered in error": {"type_codes": MEDICARE, "status": "entered-in-error"},
    "no coverage": None,
}


def coverage(name: str, columns: Columns) -> TextRow:
    return {"coverage_id": name, "patient_id": name, "status": "active", **LIVE, **columns}


@pytest.fixture(scope="module")
def clinic(spark: "SparkSession") -> dict[str, Any]:
    """Encounter, patient and coverage of the cases."""
    insured = {name: COVERAGES.get(name, {"type_codes": MEDICARE}) for name in CASES}
    made = silver(
        spark,
        encounter=[
            stay(f"{name} {number}", patient=name, **columns)
            for name, (encounters, _) in CASES.items()
            for number, columns in enumerate(encounters, 1)
        ],
        patient=[patient(name, birth_date=BIRTHS.get(name, "1950-01-01")) for name in CASES],
        coverage=[coverage(name, columns) for name, columns in insured.items() if columns],
    )
    return {name: made[name] for name in ("encounter", "patient", "coverage")}


@pytest.fixture(scope="module")
def found(clinic: dict[str, Any]) -> dict[str, list[str]]:
    """Name → starts of the hospitalisations that qualify."""
    from lakehouse.transforms.clinical.gold.ecqm_cohort import transform

    rows = [row for row in texts(transform(**clinic)) if row["measure"] == "CMS529"]
    return {
        name: sorted(str(row["hospitalization_start"]) for row in rows if row["patient_id"] == name)
        for name in CASES
    }


@pytest.mark.parametrize("name", CASES)
def test_which_encounters_qualify_and_since_when(found: dict[str, list[str]], name: str) -> None:
    assert found[name] == CASES[name][1]


def test_an_encounter_of_r5_qualifies(spark: "SparkSession", tmp_path: Path) -> None:
    """R5 calls `completed` what R4 calls `finished`."""

    def coded(token: str) -> dict[str, Any]:
        system, code = token.split("|")
        return {"coding": [{"system": system, "code": code}]}

    of_patient = {"reference": "Patient/p"}
    stays = [
        {
            "resourceType": "Encounter",
            "id": status,
            "status": status,
            "type": [coded(INPATIENT)],
            "subject": of_patient,
            "actualPeriod": {"start": "2026-09-10T12:00:00Z", "end": "2026-09-15T12:00:00Z"},
        }
        for status in ("completed", "discharged", "on-hold", "discontinued", "in-progress")
    ]
    person = {"resourceType": "Patient", "id": "p", "birthDate": "1950-01-01"}
    insured = {"resourceType": "Coverage", "id": "c", "type": coded(MEDICARE), "beneficiary": of_patient}
    file = tmp_path / "r5.ndjson"
    file.write_text("".join(json.dumps(each) + "\n" for each in (person, insured, *stays)), encoding="utf-8")

    rows = texts(gold_of(silver_of(spark, [file]), Address("clinical", "gold", "ecqm_cohort")))

    assert sorted(str(row["encounter_id"]) for row in rows) == ["completed", "discharged"]


ANOTHER = """
measure: ANOTHER
measurement_period: {start: 2025-01-01, end: 2025-12-31}
encounter: {types: [encounter_inpatient]}
coverage_types: [medicare_advantage_payer]
age_at_start: {minimum: 18, maximum: 64}
"""


def test_another_measure_is_a_few_lines(spark: "SparkSession", tmp_path: Path) -> None:
    """Adults under 65 of Medicare Advantage, discharged in 2025; no visit leads to the stay."""
    from lakehouse.transforms.clinical.cohort import read
    from lakehouse.transforms.clinical.hospitalization import initial_population

    file = tmp_path / "another.yaml"
    file.write_text(ANOTHER, encoding="utf-8")
    in_2025 = visit(INPATIENT, "2025-12-20 12:00:00", "2025-12-31 12:00:00")
    births = {"64": "1960-12-21", "65": "1960-12-20", "18": "2007-12-20", "17": "2007-12-21"}
    made = silver(
        spark,
        patient=[patient(name, birth_date=birth) for name, birth in births.items()],
        encounter=[
            *(stay(name, patient=name, **in_2025) for name in births),
            stay("emergency", patient="64", **visit(EMERGENCY, "2025-12-20 08:00:00", "2025-12-20 11:30:00")),
        ],
        coverage=[coverage(name, {"type_codes": ADVANTAGE}) for name in births],
    )
    rows = initial_population(read(file), made["encounter"], made["patient"], made["coverage"])

    assert sorted((row["patient_id"], row["hospitalization_start"]) for row in texts(rows)) == [
        ("18", "2025-12-20 12:00:00"),
        ("64", "2025-12-20 12:00:00"),
    ]


@pytest.mark.parametrize(
    ("before", "after", "named"),
    [
        ("measure:", "mesure:", "mesure"),
        ("2025-12-31", "2024-12-31", "before it begins"),
        ("minimum: 18", "minimum: young", "minimum"),
        ("[encounter_inpatient]", "[]", "types"),
    ],
)
def test_a_declaration_that_cannot_be_read_says_where(
    tmp_path: Path, before: str, after: str, named: str
) -> None:
    from lakehouse.transforms.clinical.cohort import CohortError, read

    file = tmp_path / "another.yaml"
    file.write_text(ANOTHER.replace(before, after), encoding="utf-8")

    with pytest.raises(CohortError, match=named) as error:
        read(file)
    assert "another.yaml" in str(error.value)
