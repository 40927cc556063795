"""JSON Lines: every line is a record, or a record of what is wrong with it."""

import gzip
from base64 import b64decode

import pytest

from lakehouse.ingestion import json_lines
from lakehouse.ingestion.json_lines import MALFORMED, MALFORMED_LINE
from lakehouse.ingestion.tabular import UnreadableFileError
from tests.lakehouse.ingestion.reading import read

GOOD = b'{"a":"x"}\n'


def faults(content: bytes) -> list[tuple[int, str | None]]:
    return [(record.row, record.values.get(MALFORMED)) for record in read("a.ndjson", content)]


def test_values_are_text_as_they_came() -> None:
    line = (
        b'{"text":" 5.50 ","whole":10000000000000000000001,"number":1.10e3,"yes":true,"no":false,"nothing":null,'
        b'"list":["a",1.10,{"b":2}],"Case":"","\xc3\xa9":"\\u00e9"}\n'
    )

    (record,) = read("a.ndjson", line)

    assert record.values == {
        "text": " 5.50 ",
        "whole": "10000000000000000000001",
        "number": "1.10e3",
        "yes": "true",
        "no": "false",
        "nothing": None,
        "list": '["a","1.10",{"b":"2"}]',
        "Case": "",
        "é": "é",
    }


def test_rows_are_lines_and_blank_ones_are_counted() -> None:
    content = b'{"a":"1"}\r\n\n  \n{"a":"2"}'

    assert [(record.sheet, record.row, record.values) for record in read("a.ndjson", content)] == [
        ("", 1, {"a": "1"}),
        ("", 4, {"a": "2"}),
    ]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (b"not json\n", "no_json"),
        (b'{"a":NaN}\n', "no_json"),
        (b'{"a":1} {"a":2}\n', "no_json"),
        (b"[" * 100_000 + b"\n", "no_json"),
        (b'["a"]\n', "no_object"),
        (b"5\n", "no_object"),
        (b'{"a":"\xff"}\n', "invalid_utf8"),
        (b'{"a":"\0"}\n', "nul"),
        (b'{"a":1,"a":2}\n', "duplicate_key"),
        (b'{"a":{"b":1,"b":1}}\n', "duplicate_key"),
        (b'{"a":"\\ud800"}\n', "lone_surrogate"),
        (b'{"\\udfff":1}\n', "lone_surrogate"),
        (b'{"malformed":"no"}\n', "reserved_member"),
    ],
)
def test_a_malformed_line_is_told_and_the_others_load(line: bytes, fault: str) -> None:
    content = GOOD + line + GOOD

    assert faults(content) == [(1, None), (2, fault), (3, None)]
    kept = read("a.ndjson", content)[1].values[MALFORMED_LINE]
    assert b64decode(kept or "") == line[: json_lines.KEPT]


def test_a_surrogate_pair_is_a_character() -> None:
    assert read("a.ndjson", b'{"a":"\\ud83d\\ude00"}\n')[0].values == {"a": "\N{GRINNING FACE}"}


@pytest.mark.parametrize("cut", range(1, len(GOOD) - 1))
def test_a_last_line_that_breaks_off_is_truncated(cut: int) -> None:
    assert faults(GOOD + GOOD[:cut]) == [(1, None), (2, "truncated")]


@pytest.mark.parametrize("size", [-1, 0, 1, 10, 1000, 1001, 2000])
def test_a_line_is_too_long_or_it_is_not(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(json_lines, "MAX_LINE", 1000)
    text = b'{"a":"' + b"x" * (1000 + size - 9) + b'"}\n'
    assert len(text) == 1000 + size

    fault = "too_long" if size > 0 else None

    assert faults(GOOD + text + GOOD) == [(1, None), (2, fault), (3, None)]


def test_a_line_without_an_end_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_lines, "MAX_LINE", 1000)
    assert faults(GOOD + b"x" * 5000) == [(1, None), (2, "too_long")]


def test_a_file_of_nothing_holds_nothing() -> None:
    assert read("a.ndjson", b"") == []
    assert read("a.ndjson.gz", gzip.compress(b"", mtime=0)) == []


def test_it_may_be_compressed() -> None:
    assert [record.values for record in read("a.ndjson.gz", gzip.compress(GOOD * 3, mtime=0))] == [
        {"a": "x"}
    ] * 3


def test_compressed_data_that_breaks_off_is_unreadable() -> None:
    with pytest.raises(UnreadableFileError, match="breaks off"):
        read("a.ndjson.gz", gzip.compress(GOOD * 3, mtime=0)[:-9])


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.ndjson", gzip.compress(GOOD, mtime=0), "call it .ndjson.gz"),
        ("a.ndjson.gz", GOOD, "call it .ndjson$"),
        ("a.ndjson", b"PK\x03\x04 archive", "unpack"),
    ],
)
def test_a_name_says_what_the_file_is(name: str, content: bytes, told: str) -> None:
    with pytest.raises(UnreadableFileError, match=told):
        read(name, content)
