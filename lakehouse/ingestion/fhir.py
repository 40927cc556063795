"""Read FHIR as JSON: resources a line (NDJSON), a Bundle, an array of resources or one resource, plain or gzip.

A record for each resource and each deletion, its JSON exactly as it came. What is no resource is a record that says
why; the others load. What a server says about a search, beside what it found, is no record.
Formats: https://hl7.org/fhir/R4/json.html, https://hl7.org/fhir/uv/bulkdata/export.html.
"""

import io
from collections.abc import Iterator
from typing import Any, BinaryIO

from lakehouse.ingestion.fhir_references import BundleReferences
from lakehouse.ingestion.fhir_resource import (
    Parts,
    dated,
    is_deletion,
    is_search_outcome,
    values_of_entry,
    values_of_line,
    values_of_text,
)
from lakehouse.ingestion.gzip_stream import GzipStream
from lakehouse.ingestion.json_lines import MalformedError, line_records, malformed
from lakehouse.ingestion.json_text import JsonText
from lakehouse.ingestion.tabular import Record, Sheet, UnreadableFileError

type Content = BinaryIO | io.RawIOBase

_OTHER_FORMATS = {
    b"<": "this is XML: deliver FHIR as JSON",
    b"%PDF": "this is a PDF: deliver the resources themselves, as JSON",
    b"\xff\xfe": "this is UTF-16: save it as UTF-8",
    b"\xfe\xff": "this is UTF-16: save it as UTF-8",
}
_BOM = b"\xef\xbb\xbf"
_START = 512


def read_fhir_lines(content: Content) -> Iterator[Sheet]:
    """The one sheet of a file with a resource a line; raises UnreadableFileError."""
    lines = _checked(content)
    if lines.peek(_START).removeprefix(_BOM).split(b"\n", 1)[0].strip() in {b"{", b"["}:
        raise UnreadableFileError("line 1 is no whole resource: call a JSON document .json")
    yield Sheet("", None, line_records(lines, values_of_line))


def read_fhir_document(content: Content) -> Iterator[Sheet]:
    """The one sheet of a Bundle, an array or one resource; raises UnreadableFileError."""
    yield Sheet("", None, _records(JsonText(_checked(content))))


def read_fhir_lines_gzip(content: BinaryIO) -> Iterator[Sheet]:
    """As `read_fhir_lines`, compressed."""
    return read_fhir_lines(GzipStream(content))


def read_fhir_document_gzip(content: BinaryIO) -> Iterator[Sheet]:
    """As `read_fhir_document`, compressed."""
    return read_fhir_document(GzipStream(content))


def _checked(content: Content) -> "io.BufferedReader[Any]":
    """The content, which is not empty and not in another format."""
    buffered = io.BufferedReader(content)  # type: ignore[type-var]
    start = buffered.peek(_START).removeprefix(_BOM).lstrip()
    if not start:
        raise UnreadableFileError("the file is empty: deliver it again, with its resources")
    for magic, reason in _OTHER_FORMATS.items():
        if start.startswith(magic):
            raise UnreadableFileError(reason)
    return buffered


def _records(document: JsonText) -> Iterator[Record]:
    match document.peek():
        case "[":
            yield from _of_array(document)
        case "{":
            document.mark()
            kind = _resource_type(document)
            document.rewind()
            yield from _of_bundle(document) if kind == "Bundle" else _of_resource(document)
        case _:
            raise UnreadableFileError(
                "this begins with neither { nor [: deliver a Bundle, a resource or an array"
            )
    if document.peek():
        raise UnreadableFileError(
            f"something follows the document, after character {document.place}: call a file of a resource a line"
            " .ndjson"
        )


def _resource_type(document: JsonText) -> object:
    for name in document.members():
        value, _ = document.value()
        if name == "resourceType":
            return value
    return None


def _of_resource(document: JsonText) -> Iterator[Record]:
    yield Record("", 1, values_of_text(document.value()[1]))


def _of_array(document: JsonText) -> Iterator[Record]:
    for number in document.elements():
        yield Record(f"[{number}]", number + 1, values_of_text(document.value()[1]))


def _of_bundle(document: JsonText) -> Iterator[Record]:
    """The entries; last those that the whole Bundle tells something of.

    These are deletions that do not say when, for the Bundle may say it behind them, and references to later entries.
    """
    undated: list[Record] = []
    told: dict[str, Any] = {}
    with BundleReferences() as references:
        for name in document.members():
            if name in told:
                raise UnreadableFileError(f"the Bundle has a member twice, before character {document.place}")
            told[name] = None
            if name != "entry" or document.peek() != "[":
                told[name] = document.value()[0]
                continue
            for record in _entries(document, references):
                if is_deletion(record.values) and record.values["last_updated"] is None:
                    undated.append(record)
                else:
                    yield from references.ready(record)
        yield from references.waiting()
    for record in undated:
        yield record._replace(values=dated(record.values, told))


def _entries(document: JsonText, references: BundleReferences) -> Iterator[Record]:
    for number in document.elements():
        place = (f"entry[{number}]", number + 1)
        if document.peek() != "{":
            document.value()
            yield Record(*place, values_of_entry(None))
            continue
        parts: dict[str, tuple[Any, str]] = {}
        is_twice = False
        for name in document.members():
            is_twice = is_twice or name in parts
            parts[name] = document.value()
        if is_twice:
            yield Record(*place, _twice())
        elif not is_search_outcome(parts):
            values = values_of_entry(_whole(parts))
            if "fullUrl" in parts and not is_deletion(values):
                references.learn(parts["fullUrl"][0], values)
            yield Record(*place, values)


def _whole(parts: dict[str, tuple[Any, str]]) -> Parts:
    return {name: part for name, part in parts.items() if part[0] is not None}


def _twice() -> dict[str, str | None]:
    return malformed(MalformedError("duplicate_key"), b"")
