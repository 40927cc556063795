"""The subset of FHIRPath. Expected values: the examples of the standards, or worked out by their definitions."""

from typing import Any

import pytest

from lakehouse.fhir.path import EvaluationError, compile_path
from lakehouse.fhir.path_parser import PathError

RESOURCE: dict[str, Any] = {
    "resourceType": "Encounter",
    "id": "e1",
    "status": "finished",
    "rank": 1,
    "yes": True,
    "no": False,
    "nothing": None,
    "text": "it's",
    "period": {"start": "2025-03-01T22:30:00-05:00", "end": "2025-03-05"},
    "subject": {"reference": "Patient/p1"},
    "type": [
        {"coding": [{"system": "s", "code": "a"}, {"system": "t", "display": "only words"}]},
        {"coding": [{"code": "b"}, None]},
        {"text": "no coding"},
    ],
    "participant": [
        {"individual": {"reference": "Practitioner/d1"}},
        {"individual": {"reference": "Patient/p2"}},
    ],
    "extension": [{"url": "u", "valueCode": "here"}, {"url": "v", "valueCode": "there"}, "odd"],
    "valueQuantity": {"value": 1.5},
    "valueString": "other",
    "given": ["Ann", "Ben"],
}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("id", ["e1"]),
        ("nothing", []),
        ("absent.of.something", []),
        ("status.of.a.text", []),
        ("type.coding.code", ["a", "b"]),
        ("type[0].coding[1].display", ["only words"]),
        ("type[7]", []),
        ("given.first()", ["Ann"]),
        ("absent.first()", []),
        ("'it\\'s'", ["it's"]),
        ("text = 'it\\'s'", [True]),
        ("type.coding.where(system = 's').code", ["a"]),
        ("type.coding.where(system = 'x').exists()", [False]),
        ("type.coding.exists(code = 'b')", [True]),
        ("type.coding.where(code.exists()).select(system & '|' & code).join(' ')", ["s|a |b"]),
        ("absent.join(' ')", []),
        ("given.join()", ["AnnBen"]),
        ("absent & 'x' & rank", ["x1"]),
        ("value.ofType(Quantity).value", [1.5]),
        ("value.ofType(string)", ["other"]),
        ("value.ofType(boolean)", []),
        ("absent | status | id | status", ["finished", "e1"]),
        ("(absent | period).end", ["2025-03-05"]),
        ("given | given", ["Ann", "Ben"]),
        ("rank = 1", [True]),
        ("yes = 1", [False]),
        ("yes = true", [True]),
        ("absent = 1", []),
        ("absent = absent", []),
        ("given = 'Ann'", [False]),
        ("yes and absent", []),
        ("no and absent", [False]),
        ("yes or absent", [True]),
        ("no or absent", []),
        ("no or no", [False]),
        ("yes and yes", [True]),
        ("no or yes and no", [False]),
        ("rank = 1 or absent = 2", [True]),
        ("yes.not()", [False]),
        ("absent.not()", []),
        ("absent.exists().not()", [True]),
        ("where(yes).id", ["e1"]),
        ("where(absent).id", []),
        ("given.where($this = 'Ben')", ["Ben"]),
        ("extension('u').value.ofType(code)", ["here"]),
        ("extension('x')", []),
        ("getResourceKey()", ["e1"]),
        ("subject.getReferenceKey()", ["p1"]),
        ("subject.getReferenceKey(Patient)", ["p1"]),
        ("subject.getReferenceKey(Group)", []),
        ("participant.individual.getReferenceKey(Patient)", ["p2"]),
        ("absent.getReferenceKey(Patient)", []),
        ("status.getReferenceKey(Patient)", []),
        ("period.start.lowBoundary()", ["2025-03-01T22:30:00.000-05:00"]),
        ("period.start.lowBoundary(8)", ["2025-03-01"]),
        ("period.end.precision()", [8]),
        ("period.start.lowBoundary() <= period.end.highBoundary()", [True]),
        ("period.end.lowBoundary() <= period.start.highBoundary()", [False]),
        ("period.start.lowBoundary() <= absent", []),
        ("period.end.precision() <= 8", [True]),
        ("period.start.precision() <= 8", [False]),
        ("period.start.replaceMatches('^[^T]*(T[^Z+-]*)?', '')", ["-05:00"]),
        ("period.end.replaceMatches('^[^T]*(T[^Z+-]*)?', '')", [""]),
    ],
)
def test_what_a_path_finds(path: str, found: list[Any]) -> None:
    assert compile_path(path)([RESOURCE]) == found
    assert [type(each) for each in compile_path(path)([RESOURCE])] == [type(each) for each in found]


@pytest.mark.parametrize(
    "path",
    [
        "given & 'x'",
        "given <= 'x'",
        "given and yes",
        "status or yes",
        "status.not()",
        "type.join(' ')",
        "rank.lowBoundary()",
        "type.precision()",
        "rank.replaceMatches('a', 'b')",
    ],
)
def test_what_has_no_answer_is_an_error_without_values(path: str) -> None:
    with pytest.raises(EvaluationError) as caught:
        compile_path(path)([RESOURCE])

    assert not {"Ann", "finished", "only words"} & {*str(caught.value).split()}


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("", "ends early"),
        ("a.", "ends early"),
        ("a..b", "'.' is unexpected"),
        ("a b", "'b' is unexpected"),
        ("(a", "ends early"),
        ("a)", "is unexpected"),
        ("a.where()", "number of arguments"),
        ("a.first(1)", "number of arguments"),
        ("a.sum()", "not of the subset"),
        ("a.ofType()", "needs the name of one type"),
        ("a[b]", "unexpected"),
        ("a.where(b = 1).ofType(Quantity)", "not of the subset, or not here"),
        ("a.extension(b)", "literals"),
        ("a.extension()", "literals"),
        ("a.lowBoundary('8')", "literals"),
        ("a.getReferenceKey('Patient')", "name of one type"),
        ("a + b", "character 2"),
        ("a > b", "character 2"),
        ("a = 'b", "character 4"),
        ("%constant", "character 1"),
    ],
)
def test_what_is_no_path_is_told(path: str, told: str) -> None:
    with pytest.raises(PathError, match=told) as caught:
        compile_path(path)

    assert repr(path) in str(caught.value)
