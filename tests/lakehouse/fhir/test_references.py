"""References as ids: the forms of https://hl7.org/fhir/R4/references.html."""

import pytest

from lakehouse.fhir.references import reference_key, urns, with_resolved

UUID = "0b8f3c1e-8c1a-4a52-9a40-0f2a4d3d1f55"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Patient/p1", "p1"),
        ("Patient/p1/_history/3", "p1"),
        ("/Patient/p1", "p1"),
        ("http://host.test/fhir/Patient/p-1.a", "p-1.a"),
        ("https://host.test:8080/a/b/fhir/Patient/p1/_history/W2", "p1"),
        (f"urn:uuid:{UUID}", UUID),
        ("urn:oid:1.2.36.146", "1.2.36.146"),
        ("#p1", "#p1"),
        ("Patient?identifier=x|1", "Patient?identifier=x|1"),
        ("p1", "p1"),
        ("", ""),
        ("Group/g1", None),
        ("http://host.test/fhir/Group/g1", None),
        ("Patient/" + "x" * 65, "Patient/" + "x" * 65),
    ],
)
def test_a_reference_to_a_patient(text: str, key: str | None) -> None:
    assert reference_key(text, None, "Patient") == key


def test_a_stated_type_counts_where_the_reference_has_none() -> None:
    assert reference_key(f"urn:uuid:{UUID}", "Group", "Patient") is None
    assert reference_key(f"urn:uuid:{UUID}", "Patient", "Patient") == UUID
    assert reference_key("Patient/p1", "Group", "Patient") == "p1"


def test_references_by_urn_are_told_and_replaced() -> None:
    other = "urn:oid:1.2.3"
    text = (
        f'{{"subject":{{"reference": "urn:uuid:{UUID}"}},'
        f'"identifier":[{{"system":"{other}","value":"urn:uuid:{UUID}"}}],'
        f'"encounter":{{"reference":"{other}"}},"note":"\\"reference\\":\\"urn:uuid:x\\""}}'
    )

    assert urns(text) == {f"urn:uuid:{UUID}", other}
    assert urns('{"reference":"Patient/p1"}') == set()
    assert with_resolved(text, {f"urn:uuid:{UUID}": "Patient/p1"}) == text.replace(
        f'"reference": "urn:uuid:{UUID}"', '"reference": "Patient/p1"'
    )
