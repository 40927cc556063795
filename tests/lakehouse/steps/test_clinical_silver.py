"""FHIR resources through the real steps: what bronze and silver hold, and what is rejected by which rule."""

import json
from typing import TYPE_CHECKING

import pytest

from lakehouse.address import Address
from lakehouse.storage.rejections import POSITION
from tests.lakehouse.frames import texts
from tests.lakehouse.steps.clinic import (
    SILVER,
    bundle,
    deletion,
    encounter,
    lines,
    packed,
    patient,
    rules,
    to_silver,
)

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from pyspark.sql import SparkSession

    from tests.lakehouse.steps.lake import Lake

pytestmark = pytest.mark.timeout(3600)  # on a machine that others use as well

AT = "2025-03-01T08:00:00Z"
PATIENTS = lines(
    patient(1, 1, AT, birthDate="1950-02", gender="female"),
    patient(2, 1, AT, birthDate="1960-07-01", deceasedBoolean=True),
    patient(3, 1, AT, deceasedDateTime="2025-03-04T23:30:00-05:00"),
    patient(4, 1, AT, birthDate="2025-02-30"),
)
BUNDLE = bundle(
    encounter(1, "p1", 2, AT, period={"start": "2025-03-01T22:30:00-05:00", "end": "2025-03-01"}),
    encounter(2, "p9"),
    deletion("Patient", "p2", "2025-03-09T00:00:00Z"),
    encounter(3, "p1", period={"start": "2025-03-05T10:00:00Z", "end": "2025-03-04"}),
    encounter(4, "p1", subject={"display": "somebody"}),
    encounter(5, "p1", location=[{"period": {"start": "2025-02-30"}}]),
    {"resourceType": "Pateint", "id": "p1"},
    {"resourceType": "Practitioner", "id": "d1"},
    {"fullUrl": "urn:uuid:1"},
)


@pytest.fixture(scope="module")
def clinic(spark: "SparkSession", s3: "S3Client") -> "Lake":
    from tests.lakehouse.steps.lake import Lake

    lake = Lake.of_its_own(spark, s3, "clinical")
    lake.deliver("patient", "Patient.ndjson.gz", packed(PATIENTS + b"no resource\n"))
    lake.deliver("bundle", "bundle.json", BUNDLE)
    to_silver(lake, "one")
    return lake


def test_bronze_holds_each_resource_as_it_came(clinic: "Lake") -> None:
    rows = {
        (row["_source_sheet"], row["_source_row"]): row
        for row in clinic.table("bronze.fhir_resources").collect()
    }

    assert len(rows) == 5 + 9
    assert rows["", 1]["resource"].encode() + b"\n" == PATIENTS.splitlines(keepends=True)[0]
    assert json.loads(rows["entry[0]", 1]["resource"]) == json.loads(BUNDLE)["entry"][0]["resource"]
    deleted = rows["entry[2]", 3]
    assert (deleted["resource_type"], deleted["resource_id"], deleted["is_deleted"]) == (
        "Patient",
        "p2",
        "true",
    )
    assert (deleted["resource"], deleted["last_updated"]) == (None, "2025-03-09T00:00:00Z")


def test_patients(clinic: "Lake") -> None:
    alive, deleted, deceased = sorted(clinic.rows("silver.patient"), key=lambda row: str(row["patient_id"]))

    version = {
        "version_id": "1",
        "version_number": "1",
        "last_updated": "2025-03-01 08:00:00",
        "is_deleted": "false",
    }
    assert alive == {
        "patient_id": "p1",
        "birth_date": "1950-02-01",
        "birth_date_precision": "6",
        "sex": "female",
        "is_deceased": "false",
        "deceased_at": None,
        "deceased_date": None,
        "deceased_at_precision": None,
        **version,
    }
    assert {name: text for name, text in deleted.items() if text} == {
        "patient_id": "p2",
        "version_number": str(2**63 - 1),
        "last_updated": "2025-03-09 00:00:00",
        "is_deleted": "true",
    }
    assert deceased == {
        "patient_id": "p3",
        "birth_date": None,
        "birth_date_precision": None,
        "sex": None,
        "is_deceased": "true",
        "deceased_at": "2025-03-05 04:30:00",
        "deceased_date": "2025-03-04",
        "deceased_at_precision": "14",
        **version,
    }


def test_the_time_of_an_encounter_is_explicit(clinic: "Lake") -> None:
    (row,) = clinic.rows("silver.encounter")

    times = {name: text for name, text in row.items() if name.startswith(("period", "start", "end"))}
    assert times == {
        "period_start": "2025-03-02 03:30:00",
        # Where the day begins first, at +14:00: no fault of the encounter, whose end may be later that day.
        "period_end": "2025-02-28 10:00:00",
        "start_date": "2025-03-01",
        "end_date": "2025-03-01",
        "period_start_precision": "14",
        "period_end_precision": "8",
        "start_offset": "-05:00",
        "end_offset": None,
    }
    assert (row["encounter_id"], row["patient_id"], row["class_code"]) == ("e1", "p1", "IMP")


def test_what_is_rejected(clinic: "Lake") -> None:
    assert rules(clinic, "patient") == [("schema", "type:birth_date")]
    assert rules(clinic, "encounter") == [
        ("quality", "period:encounter"),
        ("quality", "required:patient_id"),
        ("referential", "reference:patient_id"),
        ("schema", "type:locations"),
    ]
    assert rules(clinic, "resource") == [
        ("schema", "malformed:no_json"),
        ("schema", "malformed:no_resource"),
        ("schema", "unknown:resource_type"),
    ]


def test_every_row_of_bronze_is_a_resource_or_rejected(clinic: "Lake") -> None:
    def places(address: str) -> list[tuple[str | None, ...]]:
        return [tuple(row.values()) for row in texts(clinic.table(address), POSITION)]

    kept = [*places("silver.resource"), *places("rejected.resource")]
    superseded = 1  # the version of p2 before it was deleted

    assert len(kept) == len(set(kept)) == 5 + 9 - superseded
    assert set(kept) <= set(places("bronze.fhir_resources"))
    assert {row["resource_type"]: row["has_table"] for row in clinic.rows("silver.resource")} == {
        "Patient": "true",
        "Encounter": "true",
        "Practitioner": "false",
    }


def test_every_table_is_published(clinic: "Lake") -> None:
    assert {name: len(clinic.rows(f"silver.{name}")) for name in SILVER} == dict.fromkeys(SILVER, 0) | {
        "resource": 10,
        "patient": 3,
        "encounter": 1,
    }


def test_references_within_a_bundle(spark: "SparkSession", s3: "S3Client") -> None:
    """A URN names the resource of its entry by the id that other files know it by; an older bronze does not tell."""
    from tests.lakehouse.steps.lake import Lake

    lake = Lake.of_its_own(spark, s3, "clinical")
    lake.deliver("patient", "one.json", json.dumps(patient(1, 1, AT)).encode())
    to_silver(lake, "one")
    uri = lake.uri(Address("clinical", "bronze", "fhir_resources"))
    earlier = lake.table("bronze.fhir_resources").drop("resolved_references")
    earlier.write.format("delta").mode("overwrite").option("overwriteSchema", "true").save(uri)
    of_urn = {"subject": {"reference": "urn:uuid:2"}}
    lake.deliver(
        "bundle",
        "bundle.json",
        bundle(
            {
                "resource": encounter(2, "p2", 1, AT, **of_urn),
                "request": {"method": "POST", "url": "Encounter"},
            },
            {"fullUrl": "urn:uuid:2", "resource": patient(2, 1, AT)},
            kind="transaction",
        ),
    )
    lake.deliver("encounter", "three.json", json.dumps(encounter(3, "p2", 1, AT)).encode())
    to_silver(lake, "two")

    assert {row["encounter_id"]: row["patient_id"] for row in lake.rows("silver.encounter")} == {
        "e2": "p2",
        "e3": "p2",
    }
    assert rules(lake, "encounter") == []
