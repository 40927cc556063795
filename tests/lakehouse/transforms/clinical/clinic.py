"""Tables of a hospital's silver layer, written as short as a test needs them; times are UTC."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from lakehouse.address import Address
from lakehouse.contract import load
from tests.lakehouse.frames import TextRow, frame

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

HOSPITAL = "h1"
KINDS = "http://hl7.org/fhir/sid/icd-10-cm"
PCS = "http://www.cms.gov/Medicare/Coding/ICD10"
LOINC = "http://loinc.org"
POSITIVE = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation|POS"
BLOOD_CULTURE, CDI_TEST, URINE_CULTURE = (f"{LOINC}|{code}" for code in ("600-7", "34713-8", "630-4"))
MRSA = "http://snomed.info/sct|115329001"
LIVE = {"is_deleted": "false"}


def patient(key: str = "p1", **columns: object) -> TextRow:
    """A man born on 1950-01-01 who is alive."""
    born = {"birth_date": "1950-01-01", "birth_date_precision": 8, "sex": "male", "is_deceased": "false"}
    return {"patient_id": key, **LIVE, **born, **columns}


def dead(key: str, date: str, **columns: object) -> TextRow:
    """A patient who died on a date."""
    death = {"is_deceased": "true", "deceased_at": date, "deceased_date": date, "deceased_at_precision": 8}
    return patient(key, **{**death, **columns})


def stay(key: str, start: str, end: str | None = None, patient: str = "p1", **columns: object) -> TextRow:
    """An inpatient encounter at h1; without an end it is in progress. Dates are those of the times."""
    return {
        "encounter_id": key,
        "patient_id": patient,
        **LIVE,
        "status": "finished" if end else "in-progress",
        "class_code": "IMP",
        "period_start": start,
        "start_date": start[:10],
        "period_start_precision": 14,
        "period_end": end,
        "end_date": end[:10] if end else None,
        "period_end_precision": 14 if end else None,
        "organization_id": HOSPITAL,
        **columns,
    }


def condition(key: str, code: str, patient: str = "p1", **columns: object) -> TextRow:
    """A diagnosis by its code of ICD-10-CM."""
    return {"condition_id": key, "patient_id": patient, **LIVE, "codes": f"{KINDS}|{code}", **columns}


def procedure(key: str, code: str, encounter: str, patient: str = "p1", **columns: object) -> TextRow:
    """A completed procedure by its code of ICD-10-PCS; `start` and `end` are dates."""
    start, end = (columns.pop(name, None) for name in ("start", "end"))
    times = {"performed_start": start, "start_date": start, "performed_end": end, "end_date": end}
    what = {"procedure_id": key, "encounter_id": encounter, "patient_id": patient, "codes": f"{PCS}|{code}"}
    return {**what, **LIVE, "status": "completed", **times, **columns}


def culture(
    key: str, codes: str, time: str, encounter: str | None = None, patient: str = "p1", **columns: object
) -> TextRow:
    """A specimen that was positive."""
    return {
        "observation_id": key,
        "patient_id": patient,
        "encounter_id": encounter,
        **LIVE,
        "status": "final",
        "codes": codes,
        "interpretation_codes": POSITIVE,
        "effective_at": time,
        "effective_date": time[:10],
        "effective_precision": 14 if len(time) > 10 else 8,
        **columns,
    }


def organization(key: str = HOSPITAL, zone: str | None = None) -> TextRow:
    """A hospital."""
    return {"organization_id": key, **LIVE, "time_zone": zone}


def silver(spark: "SparkSession", **tables: Sequence[TextRow]) -> "dict[str, DataFrame]":
    """Frames of silver tables by their contracts; those not named are empty, but for patient p1 and hospital h1."""
    rows: Mapping[str, Sequence[TextRow]] = {
        **dict.fromkeys(("encounter", "condition", "observation", "procedure", "coverage"), ()),
        "patient": [patient()],
        "organization": [organization()],
        **tables,
    }
    return {name: frame(spark, types(name), found) for name, found in rows.items()}


def types(table: str, layer: str = "silver") -> dict[str, str]:
    """Column → Spark type of a table."""
    return {c.name: c.physicalType for c in load(Address("clinical", layer, table)).columns}
