"""Which returns were planned: a stay in January, another one 20 days later with a principal diagnosis and a procedure.

Acute or not, and planned or not, as a surgeon would say; codes looked up in ICD-10-CM and ICD-10-PCS.
"""

from typing import TYPE_CHECKING

import pytest

from tests.lakehouse.frames import texts
from tests.lakehouse.transforms.clinical.clinic import condition, patient, procedure, silver, stay

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

PLANNED = "planned"
# Diagnosis and procedure of the return, and what it is.
RETURNS: dict[str, tuple[str, str | None, str]] = {
    "hip replaced for arthrosis": ("M16.11", "0SR90JZ", PLANNED),
    "hip replaced for a fracture": ("S72.001A", "0SR90JZ", "unplanned"),
    "hip replaced for a fracture that did not heal": ("S72.001K", "0SR90JZ", PLANNED),
    "infected hip replaced": ("T84.51XA", "0SR90JZ", "unplanned"),
    "gall bladder taken out for stones": ("K80.20", "0FT44ZZ", PLANNED),
    "gall bladder taken out for acute cholecystitis": ("K80.00", "0FT44ZZ", "unplanned"),
    "gall bladder taken out after pancreatitis": ("K85.10", "0FT44ZZ", "unplanned"),
    "bowel resected for cancer": ("C18.7", "0DTN4ZZ", PLANNED),
    "bowel resected for obstruction": ("K56.699", "0DTN0ZZ", "unplanned"),
    "appendix taken out": ("K35.80", "0DTJ4ZZ", "unplanned"),
    "womb taken out for fibroids": ("D25.9", "0UT90ZZ", PLANNED),
    "spine fused for stenosis": ("M48.061", "0SG00AJ", PLANNED),
    "spine fused for a fracture": ("S32.010A", "0SG00AJ", "unplanned"),
    "carotid artery cleared": ("I65.21", "03CK0ZZ", PLANNED),
    "carotid artery cleared after a stroke": ("I63.9", "03CK0ZZ", "unplanned"),
    "arthrosis, nothing done": ("M16.11", None, "unplanned"),
}


@pytest.fixture(scope="module")
def found(spark: "SparkSession") -> dict[str, str]:
    """Name → what the return is by the evidence of the stay before."""
    from lakehouse.transforms.clinical.readmission import readmission_evidence
    from lakehouse.transforms.clinical.silver import inpatient_episode

    tables = silver(
        spark,
        patient=[patient(name) for name in (*RETURNS, "later")],
        encounter=[
            *(stay(f"{name} 1", "2025-01-01 10:00:00", "2025-01-05 10:00:00", name) for name in RETURNS),
            *(
                stay(
                    f"{name} 2",
                    "2025-01-25 10:00:00",
                    "2025-01-29 10:00:00",
                    name,
                    principal_diagnosis_id=name,
                )
                for name in RETURNS
            ),
            # For 30 days of everybody to lie within the data.
            stay("later", "2025-03-01 10:00:00", "2025-03-02 10:00:00", "later"),
        ],
        condition=[condition(name, diagnosis, name) for name, (diagnosis, _, _) in RETURNS.items()],
        procedure=[
            procedure(name, code, f"{name} 2", name) for name, (_, code, _) in RETURNS.items() if code
        ],
    )
    sources = ("encounter", "condition", "organization", "patient")
    episodes = inpatient_episode.transform(**{name: tables[name] for name in sources})
    evidence = texts(readmission_evidence(episodes, tables["patient"], tables["procedure"]))
    outcomes = {
        (True, "planned_readmission", "false"): PLANNED,
        (True, None, "true"): "unplanned",
    }
    return {
        str(row["patient_id"]): outcomes.get(
            (row["is_denominator"] == "true", row["reason"], str(row["is_numerator"])), str(row)
        )
        for row in evidence
        if str(row["resource"]).endswith(" 1")
    }


@pytest.mark.parametrize("name", RETURNS)
def test_whether_a_return_was_planned(found: dict[str, str], name: str) -> None:
    assert found[name] == RETURNS[name][2]
