"""Which codes are in each value set: looked up in ICD-10-CM, ICD-10-PCS and LOINC, not taken from the files."""

import re
from pathlib import Path

import pytest

import lakehouse
from lakehouse.transforms.clinical.value_set import ValueSetError, pattern

CM, PCS = "http://hl7.org/fhir/sid/icd-10-cm", "http://www.cms.gov/Medicare/Coding/ICD10"
LOINC, SNOMED, PAYERS = "http://loinc.org", "http://snomed.info/sct", "https://nahdo.org/sopt"
INTERPRETATION = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"

# Name → system, codes that are in it, codes that are not.
CODES = {
    "psychiatric": (CM, ["F20", "F20.9", "F32.2", "F33.41"], ["F10.10", "F2", "F200", "F05"]),
    "rehabilitation": (CM, ["Z51.89", "Z50.1"], ["Z51.8", "Z51.11", "Z51.5", "Z51.890"]),
    "cancer": (CM, ["C34.90", "C50.919", "C7A.00", "C7B.8", "C4A.9", "C96.9"], ["D05.10", "Z85.3", "C97"]),
    "maintenance_chemotherapy": (CM, ["Z51.11", "Z51.12"], ["Z51.1", "Z51.0"]),
    "acute_diagnoses": (
        CM,
        ["I21.9", "I21.A1", "J18.9", "I50.9", "I50.23", "A41.9", "A41.01", "N17.9"],
        ["M16.11", "I25.10", "N18.6", "I5", "A4"],
    ),
    "hospice": (CM, ["Z51.5"], ["Z51", "Z51.50", "Z51.51"]),
    # Transplants of marrow, kidney, liver, heart and lung; not their removal or a transfusion of red cells.
    "always_planned_procedures": (
        PCS,
        ["30233G0", "30243Y1", "0TY00Z0", "0TY10Z1", "0FY00Z0", "02YA0Z0", "0BYM0Z0"],
        ["0TT00ZZ", "30233N1", "0TY00Z", "0TY00Z00"],
    ),
    # Hip, knee, bypass and dilation; not their removal.
    "potentially_planned_procedures": (
        PCS,
        ["0SR90JZ", "0SRB04A", "0SRC0J9", "0SRD069", "02703ZZ", "027034Z", "021109W"],
        ["0SP90JZ", "0SR90J", "0SR90JZZ", "02H633Z"],
    ),
    "cdi_tests": (LOINC, ["34713-8", "54067-4"], ["600-7", "34713-80"]),
    "blood_cultures": (LOINC, ["600-7"], ["630-4", "1600-7"]),
    "urine_cultures": (LOINC, ["630-4"], ["600-7"]),
    "mrsa": (SNOMED, ["115329001"], ["112283007"]),
    "central_lines": (PCS, ["02HV33Z"], ["02HV03Z0", "0T9B70Z"]),
    "urinary_catheters": (PCS, ["0T9B70Z"], ["0T9B7ZZ", "02HV33Z"]),
    "positive": (INTERPRETATION, ["POS"], ["NEG", "POSS"]),
    "positive_results": (SNOMED, ["10828004", "260373001"], ["260385009", "1082800"]),
    "encounter_inpatient": (SNOMED, ["183452005", "32485007", "8715000"], ["4525004"]),
    "emergency_department_visit": (SNOMED, ["4525004"], ["32485007"]),
    "observation_services": (SNOMED, ["448951000124107"], ["32485007"]),
    "outpatient_surgery_service": (SNOMED, ["110468005"], ["32485007"]),
    "medicare_ffs_payer": (PAYERS, ["1", "12", "121"], ["11", "311"]),
    "medicare_advantage_payer": (PAYERS, ["11", "111"], ["1", "12", "311"]),
}
FILES = Path(lakehouse.__file__).parent / "transforms" / "clinical" / "value_sets"


@pytest.mark.parametrize("name", CODES)
def test_codes_of_a_value_set(name: str) -> None:
    system, inside, outside = CODES[name]
    found = re.compile(pattern(name))

    assert [code for code in inside if not found.search(f"{system}|{code}")] == []
    assert [code for code in outside if found.search(f"{system}|{code}")] == []
    assert not found.search(f"http://example.org|{inside[0]}")
    assert not found.search(inside[0])
    # Among others, wherever it stands.
    for codes in (f"x|y {system}|{inside[0]}", f"{system}|{inside[0]} x|y", f"x|y {system}|{inside[0]} x|z"):
        assert found.search(codes)


def test_each_file_is_looked_at() -> None:
    assert {file.stem for file in FILES.glob("*.json")} == {*CODES}


def test_several_value_sets_are_one() -> None:
    found = re.compile(pattern("cancer", "hospice"))

    assert found.search(f"{CM}|C34.90")
    assert found.search(f"{CM}|Z51.5")
    assert not found.search(f"{CM}|J18.9")


def test_a_value_set_that_is_missing_is_named() -> None:
    with pytest.raises(ValueSetError, match="no value set nothing"):
        pattern("nothing")
