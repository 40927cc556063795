"""Encounters: the stays, and visits that are none."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from lakehouse.simulate.fhir.codes import ACT_CODE, ADMIT_SOURCE, DIAGNOSIS_ROLE, DISPOSITION
from lakehouse.simulate.fhir.hospitals import Hospital
from lakehouse.simulate.fhir.records import Resource
from lakehouse.simulate.fhir.resources.elements import Words, bare, without_empty
from lakehouse.simulate.fhir.truth import Person, Stay

PATIENT_TYPE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
ABSOLUTE_EVERY = 7
RANKED_EVERY = 4


@dataclass(frozen=True, slots=True)
class Visit:
    """An encounter that is no stay: of another class, not finished, or of no organization."""

    encounter_id: str
    hospital: Hospital
    class_code: str
    status: str
    start: datetime
    end: datetime | None
    is_of_hospital: bool = True


def principal_id(stay: Stay) -> str:
    """The id of the stay's principal diagnosis."""
    return f"{stay.encounter_id}-c1"


def inpatient(person: Person, stay: Stay, words: Words) -> Resource:
    """A stay's encounter as it is in the end."""
    hospital = stay.hospital
    hospitalization = {"admitSource": bare(ADMIT_SOURCE, stay.admit_source)}
    if stay.disposition:
        hospitalization["dischargeDisposition"] = bare(DISPOSITION, stay.disposition)
    return without_empty(
        {
            "resourceType": "Encounter",
            "id": stay.encounter_id,
            "identifier": words.identifier("visit", f"V{stay.encounter_id}"),
            "status": _status(person, stay),
            "class": {"system": ACT_CODE, "code": stay.class_code},
            "type": [{"text": words.free("Inpatient stay")}],
            "subject": words.reference(
                "Patient", person.patient_id, is_absolute=person.number % ABSOLUTE_EVERY == 0
            ),
            "period": _period(stay),
            "diagnosis": [_diagnosis(person, stay, words)],
            "hospitalization": hospitalization,
            "location": _locations(stay, words),
            "serviceProvider": words.reference("Organization", hospital.hospital_id, hospital.name),
        }
    )


def visit(person: Person, one: Visit, words: Words) -> Resource:
    """An encounter that counts nowhere."""
    provider = words.reference("Organization", one.hospital.hospital_id) if one.is_of_hospital else None
    return without_empty(
        {
            "resourceType": "Encounter",
            "id": one.encounter_id,
            "status": one.status,
            "class": {"system": ACT_CODE, "code": one.class_code},
            "subject": words.reference("Patient", person.patient_id),
            "period": period(one.hospital, one.start, one.end),
            "serviceProvider": provider,
        }
    )


def period(hospital: Hospital, start: datetime, end: datetime | None) -> dict[str, str]:
    """A Period as the hospital writes it."""
    written = {"start": hospital.write(start)}
    if end:
        written["end"] = hospital.write(end)
    return written


def _period(stay: Stay) -> dict[str, str]:
    if stay.is_timed:
        return period(stay.hospital, stay.admitted, stay.discharged)
    written = {"start": stay.admission_date.isoformat()}
    return written | ({"end": stay.discharge_date.isoformat()} if stay.discharge_date else {})


def _status(person: Person, stay: Stay) -> str:
    if not stay.is_open:
        return "finished"
    return "in-progress" if person.number % 5 else "onleave"


def _diagnosis(person: Person, stay: Stay, words: Words) -> dict[str, Any]:
    condition = words.reference("Condition", principal_id(stay), stay.diagnosis.display)
    use = bare(DIAGNOSIS_ROLE, "DD")
    if person.number % RANKED_EVERY:
        return {"condition": condition, "use": use, "rank": 1}
    return {"condition": condition, "use": use}


def _locations(stay: Stay, words: Words) -> list[dict[str, Any]]:
    ids = [stay.hospital.unit_id(unit) for unit in stay.units]
    bounds = [stay.admitted, stay.discharged]
    if stay.move_day is not None:
        moved = stay.hospital.at(stay.admission_date + timedelta(days=stay.move_day), 13 * 60)
        bounds.insert(1, moved)
    return [
        {
            "location": words.reference("Location", location_id),
            "period": period(stay.hospital, start or stay.admitted, end),
        }
        for location_id, start, end in zip(ids, bounds, bounds[1:], strict=False)
    ]
