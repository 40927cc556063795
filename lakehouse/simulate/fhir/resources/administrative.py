"""Organizations and their Locations, Coverage and Patient."""

from lakehouse.simulate.fhir.codes import Code
from lakehouse.simulate.fhir.hospitals import UNITS, Hospital
from lakehouse.simulate.fhir.records import Resource
from lakehouse.simulate.fhir.resources.elements import Words, bare, without_empty
from lakehouse.simulate.fhir.truth import DeathRecord, Person

ORGANIZATION_TYPE = "http://terminology.hl7.org/CodeSystem/organization-type"
TIME_ZONE = "http://hl7.org/fhir/StructureDefinition/timezone"
PAYMENT = "https://nahdo.org/sopt"
UNIT_TYPES = {
    "icu": Code("http://terminology.hl7.org/CodeSystem/v3-RoleCode", "ICU", "Intensive care unit"),
    "medicine": Code("http://terminology.hl7.org/CodeSystem/v3-RoleCode", "HU", "Hospital unit"),
    "surgery": Code("http://terminology.hl7.org/CodeSystem/v3-RoleCode", "HU", "Hospital unit"),
}
PAYER_ID = "payer-1"
FAMILIES = (
    "Adeyemi",
    "Baker",
    "Castillo",
    "Dvořák",
    "Eriksen",
    "Fischer",
    "García",
    "Haddad",
    "Ito",
    "Jansen",
)
GIVENS = ("Alex", "Bea", "Chris", "Dana", "Eli", "Fran", "Gil", "Hana", "Ira", "Jo", "Kim")
STREETS = ("Harbour Street", "Mill Lane", "Station Road", "Church Hill", "Long Row")


def organization(hospital: Hospital, words: Words) -> Resource:
    """A hospital, with its zone unless it keeps that to itself."""
    zone = {"url": TIME_ZONE, "valueCode": hospital.zone_name}
    return without_empty(
        {
            "resourceType": "Organization",
            "id": hospital.hospital_id,
            "extension": [zone] if hospital.is_zone_told else [],
            "active": True,
            "type": [bare(ORGANIZATION_TYPE, "prov")],
            "name": hospital.name,
        }
    ) | {"text": words.narrative(hospital.name)}


def payer(words: Words) -> Resource:
    """Who pays for everybody."""
    return {
        "resourceType": "Organization",
        "id": PAYER_ID,
        "text": words.narrative("Payer"),
        "active": True,
        "type": [bare(ORGANIZATION_TYPE, "pay")],
        "name": "Payer",
    }


def locations(hospital: Hospital, words: Words) -> list[Resource]:
    """The hospital's units."""
    return [
        {
            "resourceType": "Location",
            "id": hospital.unit_id(unit),
            "status": "active",
            "name": f"{hospital.name}, {unit}",
            "description": words.free(f"Unit {unit}"),
            "type": [words.concept(UNIT_TYPES[unit])],
            "managingOrganization": words.reference("Organization", hospital.hospital_id),
        }
        for unit in UNITS
    ]


def patient(person: Person, hospital: Hospital, words: Words) -> Resource:
    """The patient's record as it is in the end."""
    number = person.number
    family, given = FAMILIES[number % len(FAMILIES)], GIVENS[number % len(GIVENS)]
    return without_empty(
        {
            "resourceType": "Patient",
            "id": person.patient_id,
            "text": words.narrative(f"{given} {family}"),
            "identifier": words.identifier("mrn", f"MRN{number:08d}"),
            "name": [{"family": words.free(family), "given": [words.free(given)]}],
            "telecom": [{"system": "phone", "value": words.free(f"+1 555 {number:07d}")}],
            "gender": person.sex,
            "birthDate": person.birth_text,
            "address": [
                {
                    "line": [words.free(f"{number % 900 + 1} {STREETS[number % len(STREETS)]}")],
                    "city": words.free("Springfield"),
                    "postalCode": words.free(f"{number % 90000 + 10000}"),
                }
            ],
            "managingOrganization": words.reference("Organization", hospital.hospital_id, hospital.name),
        }
        | _death(person)
    )


def coverage(person: Person, words: Words) -> Resource:
    """Who pays for a person."""
    return {
        "resourceType": "Coverage",
        "id": f"{person.patient_id}-coverage",
        "identifier": words.identifier("member", f"M{person.number:08d}"),
        "status": "active",
        "type": bare(PAYMENT, person.coverage),
        "beneficiary": words.reference("Patient", person.patient_id),
        "period": {"start": "2015-01-01"},
        "payor": [words.reference("Organization", PAYER_ID, "Payer")],
    }


def _death(person: Person) -> Resource:
    record = person.death_record
    if record is DeathRecord.FLAG:
        return {"deceasedBoolean": True}
    if record is DeathRecord.MONTH:
        return {"deceasedDateTime": f"{person.stays[-1].admission_date.isoformat()[:7]}"}
    if died := person.death_text():
        return {"deceasedDateTime": died}
    return {} if person.number % 3 else {"deceasedBoolean": False}
