"""The views that the contracts of silver declare: what each column of a resource is, worked out by hand."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from lakehouse.contract import tables
from lakehouse.fhir.flatten import Flattener, Row
from lakehouse.fhir.view_definition import ViewDefinition
from tests.lakehouse.fhir import resources
from tests.lakehouse.fhir.resources import present

VIEWS: dict[str, ViewDefinition] = {
    contract.rules.viewDefinition.resource: contract.rules.viewDefinition
    for contract in tables("clinical", "silver")
    if contract.rules.viewDefinition
}
EVERY = (*resources.R4, *resources.R5)


def flattened(resource: Mapping[str, Any] | str, kind: str = "") -> Row:
    text = resource if isinstance(resource, str) else json.dumps(present(dict(resource)))
    view = VIEWS[kind or str(json.loads(text)["resourceType"])]
    return Flattener(view, decimals=("value_number",)).row(text, "the id")


def columns(resource: Mapping[str, Any]) -> dict[str, str]:
    row = flattened(resource)
    assert row.fault is None
    names = (column.name for column in VIEWS[str(resource["resourceType"])].columns)
    return {name: text for name, text in zip(names, row.texts, strict=True) if text is not None}


def changed(resource: Mapping[str, Any], **members: Any) -> dict[str, Any]:
    return {**resource, **members}


def test_patient() -> None:
    assert columns(resources.PATIENT) == {
        "patient_id": "the id",
        "birth_date": "1950-02-01",
        "birth_date_precision": "6",
        "sex": "female",
        "is_deceased": "true",
        "deceased_at": "2025-03-04T23:30:00.000-05:00",
        "deceased_date": "2025-03-04",
        "deceased_at_precision": "14",
    }


@pytest.mark.parametrize(
    ("told", "is_deceased"),
    [({}, "false"), ({"deceasedBoolean": False}, "false"), ({"deceasedBoolean": True}, "true")],
)
def test_who_is_not_said_to_be_dead_is_not(told: dict[str, bool], is_deceased: str) -> None:
    assert columns({"resourceType": "Patient", **told}) == {
        "patient_id": "the id",
        "is_deceased": is_deceased,
    }


def test_encounter() -> None:
    assert columns(resources.ENCOUNTER) == {
        "encounter_id": "the id",
        "patient_id": "p1",
        "status": "finished",
        "class_code": "IMP",
        "type_codes": "http://snomed.info/sct|183452005 http://snomed.info/sct|32485007 local|x",
        "service_type_codes": "local|heart",
        "period_start": "2025-03-01T22:30:00.000-05:00",
        "period_end": "2025-03-05T00:00:00.000+14:00",
        "start_date": "2025-03-01",
        "end_date": "2025-03-05",
        "period_start_precision": "14",
        "period_end_precision": "8",
        "start_offset": "-05:00",
        "end_offset": "",
        "admit_source": "hosp-trans",
        "discharge_disposition": "exp",
        "organization_id": "o1",
        "part_of_id": "e0",
        "principal_diagnosis_id": "c2",
        "diagnosis_ids": "c1 c2",
        "locations": '[{"location_id":"l1","start":"2025-03-01T22:30:00-05:00","end":"2025-03-02"},'
        '{"location_id":"l2","start":null,"end":null}]',
    }


def test_encounter_of_r5() -> None:
    assert columns(resources.ENCOUNTER_R5) == {
        "encounter_id": "the id",
        "patient_id": "p1",
        "status": "finished",
        "class_code": "IMP",
        "service_type_codes": "local|heart",
        "period_start": "2025-03-01T22:30:00.000Z",
        "period_end": "2025-03-05T10:00:00.000Z",
        "start_date": "2025-03-01",
        "end_date": "2025-03-05",
        "period_start_precision": "14",
        "period_end_precision": "14",
        "start_offset": "Z",
        "end_offset": "Z",
        "admit_source": "7",
        "discharge_disposition": "home",
        "principal_diagnosis_id": "c2",
        "diagnosis_ids": "c1 c2",
    }


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ("completed", "finished"),
        ("discharged", "finished"),
        ("on-hold", "onleave"),
        ("discontinued", "cancelled"),
        *((word, word) for word in ("planned", "in-progress", "cancelled", "entered-in-error", "unknown")),
        *((word, word) for word in ("arrived", "triaged", "onleave", "finished", "not-completed")),
    ],
)
def test_the_status_of_an_encounter_is_in_the_words_of_r4(told: str, status: str) -> None:
    """R5: https://hl7.org/fhir/R5/valueset-encounter-status.html."""
    assert columns(changed(resources.ENCOUNTER, status=told))["status"] == status


def test_condition() -> None:
    assert columns(resources.CONDITION) == {
        "condition_id": "the id",
        "patient_id": "p1",
        "encounter_id": "e1",
        "codes": "http://hl7.org/fhir/sid/icd-10-cm|I21.9",
        "category_codes": "http://terminology.hl7.org/CodeSystem/condition-category|encounter-diagnosis",
        "clinical_status": "active",
        "verification_status": "confirmed",
        "onset_at": "2025-03-01T00:00:00.000+14:00",
        "onset_date": "2025-03-01",
        "onset_precision": "6",
        "recorded_date": "2025-03-02",
    }


def test_observation() -> None:
    interpretation = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
    common = {
        "observation_id": "the id",
        "patient_id": "p1",
        "encounter_id": "e1",
        "status": "final",
        "category_codes": "http://terminology.hl7.org/CodeSystem/observation-category|laboratory",
        "codes": "http://loinc.org|2951-2 |na",
        "interpretation_codes": f"{interpretation}|N {interpretation}|POS",
        "effective_date": "2025-03-02",
    }
    assert columns(resources.OBSERVATION) == common | {
        "value_number": "140.1",
        "value_unit": "mmol/L",
        "effective_at": "2025-03-02T10:15:00.000Z",
        "effective_precision": "12",
    }
    assert columns(resources.CULTURE) == common | {
        "value_codes": "http://snomed.info/sct|115329001",
        "effective_at": "2025-03-02T10:15:00.500Z",
        "effective_precision": "15",
    }


@pytest.mark.parametrize("number", ["0.10", "12345678901234567.0123456789", "7", "-1.5E+3"])
def test_every_digit_of_a_value_is_kept(number: str) -> None:
    text = f'{{"resourceType":"Observation","valueQuantity":{{"value":{number}}}}}'

    assert number in flattened(text).texts


def test_what_is_only_a_bound_is_no_number() -> None:
    made = columns(
        changed(resources.OBSERVATION, valueQuantity={"value": 5, "comparator": "<", "unit": "mg"})
    )

    assert "value_number" not in made
    assert made["value_unit"] == "mg"


def test_procedure() -> None:
    assert columns(resources.PROCEDURE) == {
        "procedure_id": "the id",
        "patient_id": "p1",
        "encounter_id": "e1",
        "status": "completed",
        "codes": "http://www.cms.gov/Medicare/Coding/ICD10|02HV33Z",
        "performed_start": "2025-03-02T10:15:00.000Z",
        "performed_end": "2025-03-04T23:00:00.000-02:00",
        "start_date": "2025-03-02",
        "end_date": "2025-03-04",
    }
    of_r5 = columns(resources.PROCEDURE_R5)
    assert of_r5["performed_start"] == of_r5["performed_end"] == "2025-03-02T00:00:00.000+14:00"
    assert of_r5["start_date"] == of_r5["end_date"] == "2025-03-02"


def test_coverage() -> None:
    assert columns(resources.COVERAGE) == {
        "coverage_id": "the id",
        "patient_id": "p1",
        "status": "active",
        "type_codes": "https://nahdo.org/sopt|1",
        "period_start": "2025-01-01",
        "period_end": "2025-01-01",
    }


def test_organization_and_location() -> None:
    assert columns(resources.ORGANIZATION) == {
        "organization_id": "the id",
        "name": "General",
        "type_codes": "http://terminology.hl7.org/CodeSystem/organization-type|prov",
        "time_zone": "America/New_York",
        "is_active": "false",
    }
    assert columns(resources.LOCATION) == {
        "location_id": "the id",
        "name": "Ward 1",
        "organization_id": "o1",
        "part_of_id": "l0",
        "type_codes": "http://terminology.hl7.org/CodeSystem/v3-RoleCode|HU",
    }


def diagnoses(*of: tuple[str, int | None, str | None]) -> dict[str, Any]:
    made = [
        {"condition": {"reference": f"Condition/{key}"}}
        | ({"rank": rank} if rank else {})
        | ({"use": resources.coded(resources.ROLE, use)} if use else {})
        for key, rank, use in of
    ]
    return changed(resources.ENCOUNTER, diagnosis=made)


@pytest.mark.parametrize(
    ("resource", "principal"),
    [
        (diagnoses(("a", 1, "AD"), ("b", None, "DD")), "b"),
        (diagnoses(("a", 1, "AD"), ("b", 1, "billing"), ("c", 1, "DD")), "c"),
        (diagnoses(("a", None, "DD"), ("b", 1, "billing")), "b"),
        (diagnoses(("a", 1, "AD"), ("b", 1, None)), "b"),
        (diagnoses(("a", 2, None), ("b", 1, "AD")), "b"),
        (diagnoses(("a", None, "billing"), ("b", 2, "DD")), "b"),
        (diagnoses(("a", None, None), ("b", None, "billing")), "b"),
        (diagnoses(("a", 2, "AD")), None),
        (diagnoses(), None),
    ],
)
def test_the_principal_diagnosis(resource: dict[str, Any], principal: str | None) -> None:
    assert columns(resource).get("principal_diagnosis_id") == principal


@pytest.mark.parametrize(
    ("class_", "code"),
    [({"code": "IMP"}, "IMP"), ({"system": "local", "code": "IMP"}, None), ({"system": resources.ACT}, None)],
)
def test_a_class_is_a_code_of_v3_actcode(class_: dict[str, str], code: str | None) -> None:
    assert columns(changed(resources.ENCOUNTER, **{"class": class_})).get("class_code") == code


SUBJECT = {"reference": "Patient/p1"}
STAY = {"resourceType": "Encounter", "subject": SUBJECT}


@pytest.mark.parametrize(
    ("resource", "fault"),
    [
        (changed(resources.PATIENT, birthDate="2025-02-30"), "type:birth_date"),
        (changed(resources.PATIENT, birthDate=19500201), "type:birth_date"),
        (changed(resources.PATIENT, gender=["male", "female"]), "type:sex"),
        (changed(resources.PATIENT, gender={"code": "male"}), "type:sex"),
        (changed(resources.PATIENT, deceasedDateTime="2025-03-04T23:30:00"), "type:deceased_at"),
        (changed(resources.ENCOUNTER, subject=None), "required:patient_id"),
        (changed(resources.ENCOUNTER, subject={"display": "Jane"}), "required:patient_id"),
        (changed(resources.ENCOUNTER, subject={"reference": "Group/g1"}), "required:patient_id"),
        (changed(resources.ENCOUNTER, location=[{"period": {"start": {"odd": 1}}}]), "type:locations"),
        (changed(resources.ENCOUNTER, location=[{"period": {"start": "2025-02-30"}}]), "type:locations"),
        (
            changed(
                resources.ENCOUNTER, location=[{"period": {"start": "2025"}}, {"period": {"end": "soon"}}]
            ),
            "type:locations",
        ),
        (
            changed(resources.ENCOUNTER, location=[{"period": {"start": "2025-02-01T10:00:00"}}]),
            "type:locations",
        ),
        (changed(resources.ENCOUNTER, location=[{"period": {}}, {"period": {"start": "2025-02"}}, {}]), None),
        (changed(resources.COVERAGE, beneficiary=None), "required:patient_id"),
        (
            {**STAY, "period": {"start": "2025-03-05T10:00:00Z", "end": "2025-03-05T09:59:59Z"}},
            "period:encounter",
        ),
        (
            {**STAY, "period": {"start": "2025-03-05T10:00:00Z", "end": "2025-03-05T11:30:00+02:00"}},
            "period:encounter",
        ),
        ({**STAY, "period": {"start": "2025-03-05T10:00:00Z", "end": "2025-03-04"}}, "period:encounter"),
        ({**STAY, "period": {"start": "2025-03-05", "end": "2025-02"}}, "period:encounter"),
        ({**STAY, "actualPeriod": {"start": "2025-03-05", "end": "2025-03-04"}}, "period:encounter"),
        ({**STAY, "period": {"start": "2025-03-05T10:00:00Z", "end": "2025-03-05"}}, None),
        ({**STAY, "period": {"start": "2025-03-05T10:00:00Z", "end": "2025"}}, None),
        ({**STAY, "period": {"start": "2025-03-05T00:30:00+02:00", "end": "2025-03-04T23:30:00Z"}}, None),
        ({**STAY, "period": {"start": "2025-03-05T10:00:00Z", "end": "2025-03-05T10:00:00Z"}}, None),
        ({**STAY, "period": {"start": "2025-03-05T10:00:00Z"}}, None),
        ({**STAY, "period": {"end": "2025-03-05T10:00:00Z"}}, None),
        ({**STAY, "period": {"start": "2025-03-05T10:00:00Z", "end": "2025-02-30"}}, "type:period_end"),
    ],
)
def test_the_rule_that_a_resource_breaks(resource: dict[str, Any], fault: str | None) -> None:
    assert flattened(resource).fault == fault


def test_what_is_no_time_is_kept_as_text() -> None:
    assert "2025-02-30" in flattened(changed(resources.PATIENT, birthDate="2025-02-30")).texts


@pytest.mark.parametrize("text", ['{"a":' * 100_000 + "1" + "}" * 100_000, "{"], ids=["deep", "cut"])
def test_what_cannot_be_read_is_malformed(text: str) -> None:
    row = flattened(text, "Patient")

    assert (set(row.texts), row.fault) == ({None}, "malformed:resource")


@pytest.mark.parametrize("view", VIEWS.values(), ids=list(VIEWS))
def test_of_a_deletion_the_key_alone_is_known(view: ViewDefinition) -> None:
    row = Flattener(view).deletion("gone")

    told = {
        column.name: text for column, text in zip(view.columns, row.texts, strict=True) if text is not None
    }
    assert (told, row.fault) == ({view.key: "gone"}, None)


def test_every_column_is_tried_here() -> None:
    tried = {(str(each["resourceType"]), name) for each in EVERY for name in columns(each)}

    assert {(kind, column.name) for kind, view in VIEWS.items() for column in view.columns} == tried
