"""Conditions, Procedures and Observations of stays."""

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from lakehouse.simulate.fhir.codes import (
    CDI_TOXIN,
    DETECTED,
    LOINC,
    NEGATIVE,
    NOT_DETECTED,
    PALLIATIVE_CARE,
    POSITIVE,
    UCUM,
    Code,
)
from lakehouse.simulate.fhir.records import Resource
from lakehouse.simulate.fhir.resources.elements import Words, bare, without_empty
from lakehouse.simulate.fhir.resources.encounters import period, principal_id
from lakehouse.simulate.fhir.truth import Device, Episode, Palliative, Person, Specimen, Stay, Treatment

CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
CONDITION_CATEGORY = "http://terminology.hl7.org/CodeSystem/condition-category"
OBSERVATION_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
VITAL_SIGNS = (
    (Code(LOINC, "8867-4", "Heart rate"), "/min", 78, 12),
    (Code(LOINC, "9279-1", "Respiratory rate"), "/min", 16, 3),
    (Code(LOINC, "2708-6", "Oxygen saturation in Arterial blood"), "%", 96, 1.5),
    (Code(LOINC, "8310-5", "Body temperature"), "Cel", 37, 0.5),
)


def principal_diagnosis(person: Person, stay: Stay, words: Words) -> Resource:
    """The condition that the stay is for."""
    return _condition(person, stay, principal_id(stay), stay.diagnosis, stay.admission_date, words)


def palliative_care(person: Person, episode: Episode, words: Words) -> Resource:
    """That palliative care was decided on, on the day of admission or the day after."""
    stay = episode.first
    is_later = episode.palliative is Palliative.LATER
    decided = stay.admission_date + timedelta(days=is_later)
    resource = _condition(person, stay, f"{stay.encounter_id}-c2", PALLIATIVE_CARE, decided, words)
    if person.number % 2:
        # Without an onset the date of the record tells.
        del resource["onsetDateTime"]
        resource["recordedDate"] = decided.isoformat()
    return resource


def treatment(person: Person, stay: Stay, number: int, done: Treatment, words: Words) -> Resource:
    """A procedure at one time."""
    performed = moment(stay, done.day, 11 * 60)
    return _procedure(person, stay, f"{stay.encounter_id}-p{number}", done.code, done.status, words) | {
        "performedDateTime": stay.hospital.write(performed)
    }


def device(person: Person, stay: Stay, number: int, one: Device, words: Words) -> Resource:
    """A line or catheter, from its insertion to its removal."""
    start = moment(stay, one.day, 10 * 60)
    end = None if one.end_day is None else max(start, moment(stay, one.end_day, 15 * 60))
    status = "completed" if end else "in-progress"
    return _procedure(person, stay, f"{stay.encounter_id}-d{number}", one.code, status, words) | {
        "performedPeriod": period(stay.hospital, start, end)
    }


def specimen(person: Person, stay: Stay, number: int, one: Specimen, words: Words) -> Resource:
    """A laboratory result."""
    resource = _observation(person, stay, f"{stay.encounter_id}-o{number}", one.test, one.status, words)
    resource["category"] = [bare(OBSERVATION_CATEGORY, "laboratory")]
    resource["effectiveDateTime"] = stay.hospital.write(moment(stay, one.day, 12 * 60))
    resource["interpretation"] = [words.concept(POSITIVE if one.is_positive else NEGATIVE)]
    if one.test == CDI_TOXIN or not one.is_positive:
        resource["valueCodeableConcept"] = words.concept(DETECTED if one.is_positive else NOT_DETECTED)
    elif one.organism:
        resource["valueCodeableConcept"] = words.concept(one.organism)
    if not one.is_with_encounter:
        del resource["encounter"]
    resource["note"] = words.note("Reported by the laboratory")
    return resource


def vital_signs(
    rng: random.Random, person: Person, stay: Stay, count: int, days: int, words: Words
) -> Iterator[tuple[datetime, Resource]]:
    """So many vital signs during a stay, and when each was measured."""
    for number in range(count):
        code, unit, mean, deviation = VITAL_SIGNS[rng.randrange(len(VITAL_SIGNS))]
        measured = moment(stay, rng.randint(0, days), rng.randrange(24 * 60))
        resource = _observation(person, stay, f"{stay.encounter_id}-v{number}", code, "final", words)
        resource["category"] = [bare(OBSERVATION_CATEGORY, "vital-signs")]
        resource["effectiveDateTime"] = stay.hospital.write(measured)
        value = round(rng.gauss(mean, deviation), 1)
        resource["valueQuantity"] = {"value": value, "unit": unit, "system": UCUM, "code": unit}
        yield measured, resource


def moment(stay: Stay, day: int, minute: int) -> datetime:
    """A minute of a day of the stay, moved into the stay; that never changes the date."""
    at = max(stay.admitted, stay.hospital.at(stay.date_of(day), minute))
    return min(at, stay.discharged) if stay.discharged else at


def _condition(
    person: Person, stay: Stay, resource_id: str, code: Code, since: date, words: Words
) -> Resource:
    return {
        "resourceType": "Condition",
        "id": resource_id,
        "clinicalStatus": bare(CLINICAL, "active"),
        "verificationStatus": bare(VERIFICATION, "confirmed"),
        "category": [bare(CONDITION_CATEGORY, "encounter-diagnosis")],
        "code": words.concept(code),
        "subject": words.reference("Patient", person.patient_id),
        "encounter": words.reference("Encounter", stay.encounter_id),
        "onsetDateTime": since.isoformat(),
        "note": words.note("As told on the ward"),
    }


def _procedure(
    person: Person, stay: Stay, resource_id: str, code: Code, status: str, words: Words
) -> Resource:
    return {
        "resourceType": "Procedure",
        "id": resource_id,
        "status": status,
        "code": words.concept(code),
        "subject": words.reference("Patient", person.patient_id),
        "encounter": words.reference("Encounter", stay.encounter_id),
    }


def _observation(
    person: Person, stay: Stay, resource_id: str, code: Code, status: str, words: Words
) -> Resource:
    return without_empty(
        {
            "resourceType": "Observation",
            "id": resource_id,
            "status": status,
            "code": words.concept(code),
            "subject": words.reference("Patient", person.patient_id),
            "encounter": words.reference("Encounter", stay.encounter_id),
        }
    )
