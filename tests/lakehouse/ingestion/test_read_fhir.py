"""FHIR as JSON: each resource and each deletion is a record, its JSON exactly as it came."""

import gzip
import io
import json
import tracemalloc
from base64 import b64decode
from typing import Any

import pytest

from lakehouse.ingestion import json_text
from lakehouse.ingestion.readers import read_sheets
from lakehouse.ingestion.tabular import Record, UnreadableFileError
from tests.lakehouse.ingestion.reading import read

# Digits, spaces, escapes and the order of members are the source's own.
ODD = (
    '{ "id":"p1" ,\t"resourceType" : "Patient","x":1.50e0, "name":"\\u00e9\\/é",'
    '"meta":{"versionId":"2","lastUpdated":"2025-01-02T03:04:05Z"}}'
)
P1 = '{"resourceType":"Patient","id":"p1"}'
DELETE = '{"method":"DELETE","url":"Patient/p9"}'
P2 = '{"resourceType":"Patient","id":"p2"}'


def fhir(name: str, content: str | bytes) -> list[Record]:
    return read(name, content.encode() if isinstance(content, str) else content, "fhir")


def places(records: list[Record]) -> list[tuple[str, int, str | None]]:
    return [(one.sheet, one.row, one.values.get("resource_id")) for one in records]


def faults(records: list[Record]) -> list[str | None]:
    return [one.values.get("malformed") for one in records]


def of_entries(*entries: str, before: str = "", after: str = "") -> str:
    return f'{{"resourceType":"Bundle",{before}"entry":[{",".join(entries)}]{after}}}'


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", ODD),
        ("a.json", f"\n {ODD} \n"),
        ("a.json", b"\xef\xbb\xbf" + ODD.encode()),
        ("a.json.gz", gzip.compress(ODD.encode(), mtime=0)),
        ("a.json", f"[{ODD}]"),
        ("a.json", of_entries(f'{{"fullUrl":"urn:uuid:p1","resource": {ODD} ,"search":{{"mode":"match"}}}}')),
        ("a.ndjson", ODD + "\n"),
        ("a.ndjson", b"\xef\xbb\xbf" + ODD.encode()),
        ("a.ndjson.gz", gzip.compress(f"\n{ODD}\r\n".encode(), mtime=0)),
    ],
)
def test_a_resource_is_kept_as_it_came(name: str, content: str | bytes) -> None:
    (record,) = fhir(name, content)

    assert record.values == {
        "resource_type": "Patient",
        "resource_id": "p1",
        "version_id": "2",
        "last_updated": "2025-01-02T03:04:05Z",
        "resource": ODD,
    }


def test_a_record_says_where_it_was() -> None:
    assert places(fhir("a.ndjson", f"{P1}\n\n{P2}")) == [("", 1, "p1"), ("", 3, "p2")]
    assert places(fhir("a.json", P1)) == [("", 1, "p1")]
    assert places(fhir("a.json", f"[{P1},{P2}]")) == [("[0]", 1, "p1"), ("[1]", 2, "p2")]
    entries = of_entries(f'{{"resource":{P1}}}', f'{{"resource":{P2}}}')
    assert places(fhir("a.json", entries)) == [("entry[0]", 1, "p1"), ("entry[1]", 2, "p2")]


@pytest.mark.parametrize("content", ["[]", " [ ] ", of_entries(), '{"resourceType":"Bundle"}'])
def test_nothing_in_it_is_nothing(content: str) -> None:
    assert fhir("a.json", content) == []


def test_members_of_a_bundle_may_come_in_any_order() -> None:
    content = f'{{"entry":[{{"resource":{P1}}}],"total":1,"type":"collection","resourceType":"Bundle"}}'

    assert places(fhir("a.json", content)) == [("entry[0]", 1, "p1")]


def test_a_list_has_entries_and_is_no_bundle() -> None:
    content = '{"entry":[{"item":{"reference":"Patient/p1"}}],"resourceType":"List","id":"l1"}'

    (record,) = fhir("a.json", content)

    assert (record.values["resource_type"], record.values["resource"]) == ("List", content)


@pytest.mark.parametrize(
    ("before", "response", "after", "told"),
    [
        (
            "",
            ',"response":{"lastModified":"2025-02-03T00:00:00Z"}',
            ',"timestamp":"2026-01-01T00:00:00Z"',
            "2025-02-03T00:00:00Z",
        ),
        ('"timestamp":"2026-01-01T00:00:00Z",', "", "", "2026-01-01T00:00:00Z"),
        ("", "", ',"timestamp":"2026-01-01T00:00:00Z"', "2026-01-01T00:00:00Z"),
        ("", "", ',"meta":{"lastUpdated":"2026-01-02T00:00:00Z"}', "2026-01-02T00:00:00Z"),
        (
            '"meta":{"lastUpdated":"2026-01-02T00:00:00Z"},',
            "",
            ',"timestamp":"2026-01-01T00:00:00Z"',
            "2026-01-01T00:00:00Z",
        ),
        ("", "", "", None),
    ],
)
def test_a_deletion_is_a_record(before: str, response: str, after: str, told: str | None) -> None:
    gone = f'{{"request":{{"method":"DELETE","url":"Patient/p9"}}{response}}}'

    records = fhir(
        "a.json", of_entries(f'{{"resource":{P1}}}', gone, f'{{"resource":{P2}}}', before=before, after=after)
    )

    (deletion,) = (one for one in records if one.sheet == "entry[1]")
    assert deletion.values == {
        "resource_type": "Patient",
        "resource_id": "p9",
        "version_id": None,
        "last_updated": told,
        "is_deleted": "true",
    }
    assert sorted(places(records)) == [("entry[0]", 1, "p1"), ("entry[1]", 2, "p9"), ("entry[2]", 3, "p2")]


@pytest.mark.parametrize(
    ("entry", "key", "version"),
    [
        (
            '{"request":{"method":"DELETE","url":"http://a.test/fhir/Patient/p9"},"response":{"etag":"W/\\"3\\""}}',
            "p9",
            "3",
        ),
        (
            '{"fullUrl":"urn:uuid:8f1b","resource":{"resourceType":"Patient"},"request":{"method":"POST","url":"Patient"}}',
            "8f1b",
            None,
        ),
        ('{"resource":{"resourceType":"Patient"},"request":{"method":"PUT","url":"Patient/p7"}}', "p7", None),
        ('{"fullUrl":"urn:uuid:8f1b","resource":{"resourceType":"Patient","id":"own"}}', "own", None),
        (
            '{"resource":{"resourceType":"Patient"},"request":{"method":"PUT","url":"Patient?identifier=x"}}',
            None,
            None,
        ),
    ],
)
def test_an_entry_tells_what_its_resource_does_not(entry: str, key: str | None, version: str | None) -> None:
    (record,) = fhir("a.json", of_entries(entry))

    assert (record.values["resource_id"], record.values["version_id"]) == (key, version)


@pytest.mark.parametrize(
    "url", ["Patient/p9", "Patient/p9/", "https://a.test/fhir/Patient/p9", "https://a.test/fhir/Patient/p9/"]
)
def test_what_a_deletion_names(url: str) -> None:
    (record,) = fhir("a.json", of_entries(f'{{"request":{{"method":"DELETE","url":"{url}"}}}}'))

    assert (record.values["resource_type"], record.values["resource_id"]) == ("Patient", "p9")


URN = "urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0a"
OF_URN = f'{{"resource":{{"resourceType":"Encounter","id":"e1","subject":{{"reference" : "{URN}"}}}}}}'


def entry_at(full_url: str, resource: str, method: str = "") -> str:
    request = f',"request":{{"method":"{method}","url":"Patient"}}' if method else ""
    return f'{{"fullUrl":"{full_url}","resource":{resource}{request}}}'


@pytest.mark.parametrize("method", ["", "POST", "PUT"])
@pytest.mark.parametrize("order", [1, -1])
def test_a_urn_within_a_bundle_names_the_resource_by_its_id(method: str, order: int) -> None:
    entries = [entry_at(URN, P1, method), OF_URN][::order]

    found = {
        one.values["resource_id"]: one.values
        for one in fhir("a.json", of_entries(*entries, after=',"total":2'))
    }

    assert found["p1"]["resource"] == P1
    assert found["e1"]["resource"] == json.dumps(
        json.loads(OF_URN)["resource"], separators=(",", ":")
    ).replace('"reference":', '"reference" : ')
    assert json.loads(found["e1"]["resolved_references"] or "") == {URN: "Patient/p1"}


@pytest.mark.parametrize(
    "entry",
    [
        entry_at(URN, '{"resourceType":"Patient"}'),
        entry_at(URN, f'{{"resourceType":"Patient","id":"{URN[9:]}"}}'),
        entry_at(f"http://a.test/fhir/Patient/{URN[9:]}", P1),
        entry_at(URN[:-1], P1),
        entry_at(URN, '{"id":"p1"}'),
        f'{{"fullUrl":5,"resource":{P1}}}',
        "5",
    ],
)
def test_nothing_is_told_of_other_references(entry: str) -> None:
    """Where the URN is the id, it is found by that; where no entry has it, nothing is."""
    records = fhir("a.json", of_entries(OF_URN, entry))

    assert sorted(one.sheet for one in records) == ["entry[0]", "entry[1]"]
    assert all("resolved_references" not in one.values for one in records)


OUTCOME = '{"resourceType":"OperationOutcome","issue":[{"severity":"information","code":"informational"}]}'


def test_what_a_server_says_about_a_search_is_no_record() -> None:
    found = (
        f'{{"resource":{P1},"search":{{"mode":"match"}}}}',
        f'{{"resource":{P2},"search":{{"mode":"include"}}}}',
    )
    told = f'{{"resource":{OUTCOME},"search":{{"mode":"outcome"}}}}'

    assert places(fhir("a.json", of_entries(found[0], told, found[1]))) == [
        ("entry[0]", 1, "p1"),
        ("entry[2]", 3, "p2"),
    ]


@pytest.mark.parametrize(
    "entry",
    [
        f'{{"resource":{OUTCOME}}}',
        f'{{"resource":{P1},"search":{{"mode":"outcome"}}}}',
        f'{{"resource":{OUTCOME},"search":"outcome"}}',
        f'{{"resource":{OUTCOME},"resource":{P1},"search":{{"mode":"outcome"}}}}',
    ],
)
def test_nothing_else_is_left_out(entry: str) -> None:
    assert len(fhir("a.json", of_entries(entry))) == 1


MALFORMED: list[tuple[bytes, str]] = [
    (b'{"resourceType":"Patient","id":NaN}', "no_json"),
    (b'{"resourceType":"Patient","id":"a","id":"b"}', "duplicate_key"),
    (b'{"resourceType":"Patient","name":[{"given":1,"given":2}]}', "duplicate_key"),
    (b'{"resourceType":"Patient","id":"\xff"}', "invalid_utf8"),
    (b'{"resourceType":"Patient","id":"a\0"}', "nul"),
    (b'{"resourceType":"Patient","id":"a\tb"}', "no_json"),
    (b'{"resourceType":"Patient","id":"\\ud800"}', "lone_surrogate"),
    (b'{"resourceType":"Patient","name":[{"text":"\\uDFFF"}]}', "lone_surrogate"),
    (b'"Patient"', "no_object"),
    (b"null", "no_object"),
    (b'["Patient"]', "no_object"),
    (b'{"resourceType":"Bundle","entry":[]}', "nested_bundle"),
]


@pytest.mark.parametrize(("content", "fault"), MALFORMED)
@pytest.mark.parametrize("form", ["ndjson", "array", "bundle"])
def test_what_is_malformed_is_told_and_the_others_load(form: str, content: bytes, fault: str) -> None:
    first, last = P1.encode(), P2.encode()
    if form == "ndjson":
        records = fhir("a.ndjson", b"\n".join((first, content, last)))
    elif form == "array":
        records = fhir("a.json", b"[" + b",".join((first, content, last)) + b"]")
    else:
        entries = (b'{"resource":' + each + b"}" for each in (first, content, last))
        records = fhir("a.json", b'{"resourceType":"Bundle","entry":[' + b",".join(entries) + b"]}")
        fault = "no_resource" if content == b"null" else fault

    assert faults(records) == [None, fault, None]
    assert [one.values.get("resource_id") for one in records] == ["p1", None, "p2"]
    if fault != "no_resource":
        assert b64decode(records[1].values["malformed_base64"] or "").rstrip() == content


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ("5", "no_object"),
        ("[]", "no_object"),
        ("{}", "no_resource"),
        ('{"request":{"method":"GET","url":"Patient/p1"}}', "no_resource"),
        ('{"request":{"method":"PATCH","url":"Patient/p1"},"resource":{"resourceType":"Binary"}}', "patch"),
        ('{"request":{"method":"DELETE","url":"Patient?identifier=x"}}', "deletes_no_resource"),
        ('{"request":{"method":"DELETE","url":"Patient/"}}', "deletes_no_resource"),
        ('{"request":{"method":"DELETE"}}', "deletes_no_resource"),
        (f'{{"resource":{P1},"resource":{P2}}}', "duplicate_key"),
        ('{"request":{"method":"PUT","method":"DELETE","url":"Patient/p1"}}', "duplicate_key"),
        ('{"request":"DELETE"}', "no_object"),
        (f'{{"request":{DELETE},"response":{{"etag":"\\ud800"}}}}', "lone_surrogate"),
        (f'{{"request":{DELETE},"response":{{"lastModified":NaN}}}}', "no_json"),
    ],
)
def test_entries_that_are_none_are_told_and_the_others_load(entry: str, fault: str) -> None:
    records = fhir("a.json", of_entries(entry, f'{{"resource":{P1}}}'))

    assert faults(records) == [fault, None]


def test_a_bundle_made_at_no_time_deletes_nothing() -> None:
    (record,) = fhir("a.json", of_entries(f'{{"request":{DELETE}}}', before='"timestamp":"\\ud800",'))

    assert record.values["malformed"] == "invalid_utf8"


def test_a_surrogate_pair_is_a_character() -> None:
    text = '{"resourceType":"Patient","id":"\\ud83d\\ude00"}'

    assert fhir("a.json", text)[0].values["resource"] == text


REFUSED: list[tuple[str, bytes, str]] = [
    ("a.json", b"", "the file is empty"),
    ("a.ndjson", b" \n", "the file is empty"),
    ("a.json.gz", gzip.compress(b"", mtime=0), "the file is empty"),
    ("a.json", b"<Patient/>", "this is XML"),
    ("a.ndjson", b"\xef\xbb\xbf <?xml version='1.0'?>", "this is XML"),
    ("a.json", b"%PDF-1.7", "this is a PDF"),
    ("a.json", '{"a":1}'.encode("utf-16"), "this is UTF-16"),
    ("a.json", b"PK\x03\x04", "unpack"),
    ("a.json", gzip.compress(b"{}", mtime=0), "call it .json.gz"),
    ("a.json.gz", b"{}", "call it .json$"),
    ("a.xml", b"<Patient/>", "deliver .json, .json.gz, .ndjson"),
    ("a.json", b"secret", "begins with neither"),
    ("a.json", f"{P1}\n{P2}".encode(), "resource a line .ndjson"),
    ("a.json", f"{P1},".encode(), "resource a line .ndjson"),
    ("a.ndjson", b'{\n "resourceType": "Patient"\n}', "call a JSON document .json"),
    ("a.ndjson", b"[\n{}\n]", "call a JSON document .json"),
    ("a.json", b'{"resourceType":"Bundle","entry":[],"entry":[]}', "a member twice"),
    ("a.json.gz", gzip.compress(of_entries(f'{{"resource":{P1}}}').encode(), mtime=0)[:-9], "breaks off"),
]


@pytest.mark.parametrize(("name", "content", "told"), REFUSED)
def test_what_is_no_fhir_is_refused(name: str, content: bytes, told: str) -> None:
    with pytest.raises(UnreadableFileError, match=told) as caught:
        fhir(name, content)

    assert "secret" not in str(caught.value)


WHOLE = of_entries(
    f'{{"resource":{P1}}}', '{"request":{"method":"DELETE","url":"Patient/p9"}}', after=',"total":12,"x":"}"'
)


@pytest.mark.parametrize("cut", range(1, len(WHOLE)))
def test_a_bundle_that_breaks_off_is_refused_and_tells_no_value(cut: int) -> None:
    with pytest.raises(UnreadableFileError) as caught:
        fhir("a.json", WHOLE[:cut])

    assert "p1" not in str(caught.value)
    assert "after character" in str(caught.value)


@pytest.mark.parametrize(
    "content",
    [
        of_entries(f'{{"resource":{P1}}}', "{oops}"),
        of_entries(f'{{"resource":{P1}}} {{"resource":{P2}}}'),
        of_entries(f'{{"resource":{P1}}}', after=",5"),
        of_entries(f'{{"resource" {P1}}}'),
        f"[{P1},]",
        f"[{P1}}}",
    ],
)
def test_a_document_that_is_no_json_is_refused_with_the_place(content: str) -> None:
    with pytest.raises(UnreadableFileError, match=r"after character \d+"):
        fhir("a.json", content)


@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 64])
def test_it_does_not_matter_where_a_read_ends(monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    odd = of_entries(
        f'{{"fullUrl":"urn:uuid:é","resource":{ODD}}}',
        f'{{"resource":{P2}}}',
        before='"total":12345,',
        after=',"x":-1.5e10',
    )
    whole = fhir("a.json", odd)
    monkeypatch.setattr(json_text, "_CHUNK", chunk)

    assert fhir("a.json", odd) == whole
    assert [one.values["resource"] for one in whole] == [ODD, P2]


def test_a_value_that_is_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_text, "MAX_VALUE", 1000)
    monkeypatch.setattr(json_text, "_CHUNK", 100)

    def of_length(length: int) -> str:
        return of_entries(json.dumps({"resource": {"resourceType": "Patient", "id": "x" * length}}))

    assert faults(fhir("a.json", of_length(900))) == [None]
    with pytest.raises(UnreadableFileError, match="longer than"):
        fhir("a.json", of_length(2000))


@pytest.mark.parametrize("reference", ["Patient/p1", URN])
def test_a_long_bundle_is_read_in_little_memory(reference: str) -> None:
    """Of 60 MB, no more than a few are held at a time, whether they refer to what is known or to what never comes."""
    subject = f'"subject":{{"reference":"{reference}"}}'
    entry = f'{{"resource":{{"resourceType":"Patient","id":"p1",{subject},"x":"{"x" * 60_000}"}}}}'.encode()

    class Stream(io.RawIOBase):
        def __init__(self) -> None:
            self.parts = iter([b'{"resourceType":"Bundle","entry":[', *([entry + b","] * 1000), entry, b"]}"])
            self.rest = b""

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            part = self.rest or next(self.parts, b"")
            size = min(len(part), len(buffer))
            buffer[:size], self.rest = part[:size], part[size:]
            return size

    tracemalloc.start()
    stream: Any = Stream()
    count = 0
    for sheet in read_sheets("a.json", stream, "fhir"):
        for _ in sheet.records:
            count += 1
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 1001
    assert peak < 16 << 20
