"""A resource of each type that has a table, with every element that its view reads; two of them in R5 too."""

from typing import Any

SNOMED, LOINC, ICD = "http://snomed.info/sct", "http://loinc.org", "http://hl7.org/fhir/sid/icd-10-cm"
ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
ROLE = "http://terminology.hl7.org/CodeSystem/diagnosis-role"
ADMIT = "http://terminology.hl7.org/CodeSystem/admit-source"
DISPOSITION = "http://terminology.hl7.org/CodeSystem/discharge-disposition"


def coded(system: str, *codes: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code} for code in codes], "text": "words"}


def reference(kind: str, key: str) -> dict[str, str]:
    return {"reference": f"{kind}/{key}", "display": "words"}


PATIENT = {
    "resourceType": "Patient",
    "id": "p1",
    "birthDate": "1950-02",
    "gender": "female",
    "deceasedDateTime": "2025-03-04T23:30:00-05:00",
    "name": [{"family": "Doe", "given": ["Jane", "Ann"]}],
}
ENCOUNTER = {
    "resourceType": "Encounter",
    "id": "e1",
    "status": "finished",
    "class": {"system": ACT, "code": "IMP", "display": "inpatient"},
    "type": [coded(SNOMED, "183452005", "32485007"), {"text": "only words"}, coded("local", "x")],
    "serviceType": coded("local", "heart"),
    "subject": reference("Patient", "p1"),
    "period": {"start": "2025-03-01T22:30:00-05:00", "end": "2025-03-05"},
    "diagnosis": [
        {"condition": reference("Condition", "c1"), "use": coded(ROLE, "AD"), "rank": 2},
        {"condition": reference("Condition", "c2"), "use": coded(ROLE, "DD"), "rank": 1},
        {"condition": reference("Procedure", "x1"), "use": coded(ROLE, "CC")},
    ],
    "hospitalization": {
        "admitSource": {
            "coding": [{"system": "local", "code": "7"}, {"system": ADMIT, "code": "hosp-trans"}]
        },
        "dischargeDisposition": coded(DISPOSITION, "exp"),
    },
    "location": [
        {
            "location": reference("Location", "l1"),
            "period": {"start": "2025-03-01T22:30:00-05:00", "end": "2025-03-02"},
        },
        {"location": reference("Location", "l2"), "status": "active"},
    ],
    "serviceProvider": reference("Organization", "o1"),
    "partOf": reference("Encounter", "e0"),
}
ENCOUNTER_R5 = {
    "resourceType": "Encounter",
    "id": "e5",
    "status": "completed",
    "class": [{"coding": [{"system": "local", "code": "in"}, {"system": ACT, "code": "IMP"}]}],
    "serviceType": [{"concept": coded("local", "heart")}],
    "subject": reference("Patient", "p1"),
    "actualPeriod": {"start": "2025-03-01T22:30:00Z", "end": "2025-03-05T10:00:00Z"},
    "diagnosis": [
        {"condition": [{"reference": reference("Condition", "c1")}], "use": [coded(ROLE, "AD")]},
        {"condition": [{"reference": reference("Condition", "c2")}], "use": [coded(ROLE, "DD")]},
    ],
    "admission": {"admitSource": coded("local", "7"), "dischargeDisposition": coded(DISPOSITION, "home")},
}
CONDITION = {
    "resourceType": "Condition",
    "id": "c1",
    "subject": reference("Patient", "p1"),
    "encounter": reference("Encounter", "e1"),
    "code": coded(ICD, "I21.9"),
    "category": [coded("http://terminology.hl7.org/CodeSystem/condition-category", "encounter-diagnosis")],
    "clinicalStatus": coded("http://terminology.hl7.org/CodeSystem/condition-clinical", "active"),
    "verificationStatus": coded("http://terminology.hl7.org/CodeSystem/condition-ver-status", "confirmed"),
    "onsetPeriod": {"start": "2025-03"},
    "recordedDate": "2025-03-02T00:30:00+02:00",
}
OBSERVATION = {
    "resourceType": "Observation",
    "id": "b1",
    "subject": reference("Patient", "p1"),
    "encounter": reference("Encounter", "e1"),
    "status": "final",
    "category": [coded("http://terminology.hl7.org/CodeSystem/observation-category", "laboratory")],
    "code": {"coding": [{"system": LOINC, "code": "2951-2"}, {"code": "na"}, {"display": "sodium"}]},
    "valueQuantity": {"value": 140.10, "unit": "mmol per litre", "code": "mmol/L"},
    "interpretation": [
        coded("http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", "N", "POS")
    ],
    "effectivePeriod": {"start": "2025-03-02T10:15Z", "end": "2025-03-02T10:20Z"},
}
CULTURE = {
    **OBSERVATION,
    "valueQuantity": None,
    "valueCodeableConcept": coded(SNOMED, "115329001"),
    "effectivePeriod": None,
    "effectiveInstant": "2025-03-02T10:15:00.5Z",
}
PROCEDURE = {
    "resourceType": "Procedure",
    "id": "x1",
    "subject": reference("Patient", "p1"),
    "encounter": reference("Encounter", "e1"),
    "status": "completed",
    "code": coded("http://www.cms.gov/Medicare/Coding/ICD10", "02HV33Z"),
    "performedPeriod": {"start": "2025-03-02T10:15:00Z", "end": "2025-03-04T23:00:00-02:00"},
}
PROCEDURE_R5 = {**PROCEDURE, "performedPeriod": None, "occurrenceDateTime": "2025-03-02"}
COVERAGE = {
    "resourceType": "Coverage",
    "id": "v1",
    "status": "active",
    "type": coded("https://nahdo.org/sopt", "1"),
    "beneficiary": reference("Patient", "p1"),
    "payor": [reference("Organization", "o9")],
    "period": {"start": "2025-01-01T08:00:00.000+00:00", "end": "2025"},
}
ORGANIZATION = {
    "resourceType": "Organization",
    "id": "o1",
    "extension": [
        {"url": "http://hl7.org/fhir/StructureDefinition/timezone", "valueCode": "America/New_York"}
    ],
    "name": "General",
    "type": [coded("http://terminology.hl7.org/CodeSystem/organization-type", "prov")],
    "active": False,
}
LOCATION = {
    "resourceType": "Location",
    "id": "l1",
    "name": "Ward 1",
    "type": [coded("http://terminology.hl7.org/CodeSystem/v3-RoleCode", "HU")],
    "managingOrganization": reference("Organization", "o1"),
    "partOf": reference("Location", "l0"),
}
R4: tuple[dict[str, Any], ...] = (
    PATIENT,
    ENCOUNTER,
    CONDITION,
    OBSERVATION,
    CULTURE,
    PROCEDURE,
    COVERAGE,
    ORGANIZATION,
    LOCATION,
)
R5: tuple[dict[str, Any], ...] = (ENCOUNTER_R5, PROCEDURE_R5)


def present(resource: dict[str, Any]) -> dict[str, Any]:
    """Without members that are None, which no JSON of FHIR has."""
    return {name: value for name, value in resource.items() if value is not None}
