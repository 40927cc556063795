"""Which codes are in each value set: looked up in ICD-10-CM, ICD-10-PCS and LOINC, not taken from the files."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

import lakehouse
from lakehouse.fhir.value_set import ValueSetError, pattern, read

CM, PCS = "http://hl7.org/fhir/sid/icd-10-cm", "http://www.cms.gov/Medicare/Coding/ICD10"
LOINC, SNOMED, PAYERS = "http://loinc.org", "http://snomed.info/sct", "https://nahdo.org/sopt"
INTERPRETATION = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"

# Name → system, codes that are in it, codes that are not.
CODES = {
    "psychiatric": (CM, ["F20", "F20.9", "F32.2", "F33.41"], ["F10.10", "F2", "F200", "F05"]),
    "rehabilitation": (CM, ["Z51.89", "Z50.1"], ["Z51.8", "Z51.11", "Z51.5", "Z51.890"]),
    "cancer": (CM, ["C34.90", "C50.919", "C7A.00", "C7B.8", "C4A.9", "C96.9"], ["D05.10", "Z85.3", "C97"]),
    "maintenance_chemotherapy": (CM, ["Z51.11", "Z51.12"], ["Z51.1", "Z51.0"]),
    # Infarction, sepsis, ulcers that bleed, fractures when they are treated first, complications; not what is chronic.
    "acute_diagnoses": (
        CM,
        [
            *(
                "I21.9",
                "I21.A1",
                "J18.9",
                "I50.9",
                "I50.23",
                "I11.0",
                "A41.9",
                "A41.01",
                "N17.9",
                "R65.21",
                "U07.1",
            ),
            *(
                "K35.80",
                "K36",
                "K37",
                "K56.609",
                "K57.32",
                "K57.20",
                "K25.4",
                "K40.30",
                "K43.6",
                "K81.0",
                "K85.90",
            ),
            *(
                "K80.00",
                "K80.01",
                "K80.12",
                "K80.32",
                "K80.42",
                "K80.63",
                "J45.901",
                "E10.10",
                "G45.9",
                "I71.30",
            ),
            *("S02.0XXA", "S12.9XXB", "S22.31XA", "S32.010A", "S42.001B", "S52.501C", "S62.90XA", "S72.001A"),
            *("S72.141C", "S82.001B", "S92.001A", "M80.051A", "M97.01XA", "S06.5X0A", "S36.113A", "S83.104A"),
            *("T81.40XA", "T82.7XXA", "T83.511A", "T84.51XA", "T85.79XA", "T86.11", "T39.011A", "K91.840"),
        ],
        [
            *(
                "M16.11",
                "I25.10",
                "N18.6",
                "I5",
                "A4",
                "C34.90",
                "I65.21",
                "I71.40",
                "I35.0",
                "D25.9",
                "N40.1",
            ),
            *(
                "K80.20",
                "K80.10",
                "K80.34",
                "K40.90",
                "K43.9",
                "K57.30",
                "K21.9",
                "J45.991",
                "M48.061",
                "E66.01",
            ),
            *("S72.001D", "S72.001S", "S72.001", "S42.001G", "T84.51XD", "M80.051D", "F20.9", "Z51.11"),
        ],
    ),
    "hospice": (CM, ["Z51.5"], ["Z51", "Z51.50", "Z51.51"]),
    # Transplants of marrow, kidney, liver, heart and lung; not their removal or a transfusion of red cells.
    "always_planned_procedures": (
        PCS,
        ["30233G0", "30243Y1", "0TY00Z0", "0TY10Z1", "0FY00Z0", "02YA0Z0", "0BYM0Z0"],
        ["0TT00ZZ", "30233N1", "0TY00Z", "0TY00Z00"],
    ),
    # Joints, heart and vessels, gall bladder, bowel, womb, spine …; no appendix, no biopsy, no device for a measure.
    "potentially_planned_procedures": (
        PCS,
        [
            *(
                "0SR90JZ",
                "0SRB04A",
                "0SRC0J9",
                "0SRD069",
                "0RRJ00Z",
                "02703ZZ",
                "027034Z",
                "021109W",
                "02RF0JZ",
            ),
            *(
                "0FT44ZZ",
                "0FB44ZZ",
                "0UT90ZZ",
                "0UT24ZZ",
                "0DTN4ZZ",
                "0DTE0ZZ",
                "0DBN0ZZ",
                "0D160ZA",
                "0DB64Z3",
            ),
            *(
                "0RG10A0",
                "0SG00AJ",
                "0SB20ZZ",
                "03CK0ZZ",
                "04V03DZ",
                "041K09H",
                "0JH606Z",
                "0TT00ZZ",
                "0VT04ZZ",
            ),
            *("0BTC4ZZ", "0HTT0ZZ", "0GTK0ZZ", "0YQ50ZZ", "0WUF0JZ", "0Y6H0Z1"),
        ],
        [
            *(
                "0SP90JZ",
                "0SR90J",
                "0SR90JZZ",
                "02H633Z",
                "02HV33Z",
                "0T9B70Z",
                "0DTJ4ZZ",
                "0DBN8ZX",
                "0FB44ZX",
            ),
            *("0SGB04Z", "0RGC04Z", "03C20ZZ", "30233N1", "5A1D70Z"),
        ],
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


@pytest.mark.parametrize("name", ["acute_diagnoses", "potentially_planned_procedures"])
def test_each_family_names_its_category(name: str) -> None:
    content = json.loads((FILES / f"{name}.json").read_text(encoding="utf-8"))

    for part in content["compose"]["include"]:
        [extension] = part["extension"]
        assert extension["valueString"]


def test_several_value_sets_are_one() -> None:
    found = re.compile(pattern("cancer", "hospice"))

    assert found.search(f"{CM}|C34.90")
    assert found.search(f"{CM}|Z51.5")
    assert not found.search(f"{CM}|J18.9")


def test_a_value_set_that_is_missing_is_named() -> None:
    with pytest.raises(ValueSetError, match="no value set nothing"):
        pattern("nothing")


def include(*filters: tuple[str, str, str], system: str = CM) -> dict[str, Any]:
    return {
        "system": system,
        "filter": [dict(zip(("property", "op", "value"), f, strict=True)) for f in filters],
    }


def concepts(*codes: str, system: str = CM) -> dict[str, Any]:
    return {"system": system, "concept": [{"code": code} for code in codes]}


def composed(*includes: dict[str, Any], **compose: Any) -> dict[str, Any]:
    return {"compose": {"include": [*includes], **compose}}


def expanded(*entries: dict[str, Any], **expansion: Any) -> dict[str, Any]:
    return {"expansion": {"contains": [*entries], **expansion}}


def entry(code: str, *within: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"system": CM, "code": code, **members, **({"contains": [*within]} if within else {})}


def matched(folder: Path, content: dict[str, Any], *codes: str) -> list[str]:
    """Which of the codes are in a ValueSet: codes of ICD-10-CM, or tokens."""
    file = folder / "tried.json"
    file.write_text(json.dumps({"resourceType": "ValueSet", **content}), encoding="utf-8")
    found = re.compile(f"(?:^| )(?:{read(file)})(?: |$)")
    return [code for code in codes if found.search(code if "|" in code else f"x|y {CM}|{code} x|z")]


IS_A_1, IS_A_2 = ("concept", "is-a", "I21"), ("concept", "is-a", "I22")
GROUPING = {"valueSet": ["http://example.org/ValueSet/1"]}

# What must match of all codes that are tried, by https://hl7.org/fhir/R4/valueset.html.
READ: dict[str, tuple[dict[str, Any], list[str], list[str]]] = {
    "an expansion alone, of a grouping": (
        composed(GROUPING) | expanded(entry("I10")),
        ["I10"],
        ["I11"],
    ),
    "an expansion alone, of a whole system": (
        composed({"system": CM}) | expanded(entry("I10")),
        ["I10"],
        ["I11"],
    ),
    "an expansion alone, of a filter that is not read": (
        composed(include(("parent", "=", "I1"))) | expanded(entry("I10")),
        ["I10"],
        ["I11"],
    ),
    "an expansion alone, without what it excludes": (
        composed(concepts("I10", "I11"), exclude=[concepts("I11")]) | expanded(entry("I10")),
        ["I10"],
        ["I11"],
    ),
    "an expansion that nests": (
        expanded(entry("A", entry("B", entry("C")))),
        ["A", "B", "C"],
        ["D"],
    ),
    "an abstract entry, and a heading, are no codes": (
        expanded(entry("A", entry("B"), abstract=True), {"display": "others", "contains": [entry("C")]}),
        ["B", "C"],
        ["A"],
    ),
    "an inactive entry": (expanded(entry("A", inactive=True)), ["A"], []),
    "an expansion of two systems": (
        expanded(entry("A"), {"system": PCS, "code": "B"}),
        [f"{CM}|A", f"{PCS}|B"],
        [f"{CM}|B", f"{PCS}|A"],
    ),
    "all entries that are told of": (expanded(entry("A", entry("B")), total=2), ["A", "B"], []),
    "several includes": (composed(include(IS_A_1), include(IS_A_2)), ["I21.4", "I22"], ["I20"]),
    "filters that must all hold": (
        composed(include(IS_A_1, ("code", "regex", r"I\d+\.[AB]\d"))),
        ["I21.A1", "I21.B2"],
        ["I21.4", "I21", "I22.A1"],
    ),
    "filters that cannot all hold": (composed(include(IS_A_1, IS_A_2)), [], ["I21", "I22", "I21.4"]),
    "less what is excluded": (
        composed(include(IS_A_1), concepts("I10"), exclude=[concepts("I21.9"), include(IS_A_2)]),
        ["I21.4", "I21.90", "I10"],
        ["I21.9", "I22.1"],
    ),
    "excluded of another system": (
        composed(concepts("I21.9"), exclude=[concepts("I21.9", system=PCS)]),
        ["I21.9"],
        [],
    ),
    "a regex with an escaped dot": (
        composed(include(("code", "regex", r"Z51\.1.*"))),
        ["Z51.1", "Z51.11", "Z51.12"],
        ["Z5111", "Z51.0", "Z51"],
    ),
    "a regex with anchors": (composed(include(("code", "regex", "^A1$|^B.$"))), ["A1", "B2"], ["A12", "B"]),
    "a regex with classes": (
        composed(include(("code", "regex", r"A[.][^0]+"))),
        ["A.1", "A.12"],
        ["A.0", "Ax1", f"{CM}|A. {PCS}|B"],
    ),
}


@pytest.mark.parametrize("name", READ)
def test_what_a_value_set_means(tmp_path: Path, name: str) -> None:
    content, inside, outside = READ[name]

    assert matched(tmp_path, content, *inside, *outside) == inside


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (composed(concepts("A"), GROUPING), r"include\[1\] is made of other value sets.*\$expand"),
        (composed({"system": CM}), r"include\[0\] is a whole code system.*\$expand"),
        (composed(include(IS_A_1, system=SNOMED)), r"include\[0\] has the filter 'concept is-a'.*\$expand"),
        (composed(include(("code", "in", "A,B"))), r"include\[0\] has the filter 'code in'.*\$expand"),
        (composed(include(("code", "regex", "A("))), r"include\[0\] has the regex 'A\('"),
        (composed(include(IS_A_1) | concepts("A")), r"include\[0\] has both"),
        (composed({"concept": [{"code": "A"}]}), r"include\[0\] names no system"),
        (composed(concepts("A"), exclude=[GROUPING]), r"exclude\[0\] is made of other value sets"),
        (composed({"system": CM, "concept": [{"display": "A"}]}), "'code'"),
        (expanded({"code": "A"}), "entry 1 of the expansion names no system"),
        (expanded(entry("A"), total=2), "1 of 2 entries"),
        (expanded(entry("A", abstract=True)), "names no code"),
        (composed(concepts("A")) | expanded(), "names no code"),
        ({}, "names no code"),
    ],
)
def test_what_is_not_read_is_refused(tmp_path: Path, content: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueSetError, match=rf"^tried\.json.*{told}"):
        matched(tmp_path, content)


def test_what_is_no_json_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "tried.json"
    file.write_text("{\n<xml/>", encoding="utf-8")

    with pytest.raises(ValueSetError, match=r"tried\.json is no JSON, line 2"):
        read(file)
