"""Read JSON Lines (NDJSON), plain or compressed with gzip: an object a line, each member's value as text.

A line that is no object is a record too, which says why; the lines around it are read all the same.
Format: https://github.com/ndjson/ndjson-spec
"""

import io
import json
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from typing import Any, BinaryIO

from lakehouse.ingestion.gzip_stream import GzipStream
from lakehouse.ingestion.tabular import Record, Sheet, Values

MAX_LINE = 32 << 20
"""Bytes of one line, which is held whole in memory. A snapshot of a deep order book has 20 MB and, escaped, 24."""
KEPT = 1 << 16
"""Bytes that are kept of a malformed line; all of it stays in the file."""

MALFORMED, MALFORMED_LINE = "malformed", "malformed_base64"
"""Members of the record of a malformed line: the fault, and the beginning of the line (RFC 4648)."""


class MalformedError(ValueError):
    """Text that is no JSON object as it should be; the message is the fault."""


def read_json_lines_gzip(content: BinaryIO) -> Iterator[Sheet]:
    """The one sheet of a compressed file; raises UnreadableFileError."""
    return read_json_lines(GzipStream(content))


def read_json_lines(content: BinaryIO | io.RawIOBase) -> Iterator[Sheet]:
    """The one sheet of a file, without a header; blank lines are skipped and counted."""
    yield Sheet("", None, line_records(io.BufferedReader(content), _values))


def line_records(lines: "io.BufferedReader[Any]", values: Callable[[bytes], Values]) -> Iterator[Record]:
    """A record for each line that is not blank; `values` makes it, or raises MalformedError."""
    number = 0
    while line := lines.readline(MAX_LINE + 1):
        number += 1
        try:
            if line.strip():
                yield Record("", number, values(line))
        except MalformedError as fault:
            yield Record("", number, malformed(fault, line))
        while len(line) >= MAX_LINE and not line.endswith(b"\n"):
            line = lines.readline(MAX_LINE)


def malformed(fault: MalformedError, text: bytes) -> Values:
    """What is kept of text that is no object."""
    return {MALFORMED: str(fault), MALFORMED_LINE: b64encode(text[:KEPT]).decode()}


def json_object(line: bytes) -> dict[str, Any]:
    """The object of a line, its numbers as text; raises MalformedError."""
    if len(line) > MAX_LINE:
        raise MalformedError("too_long")
    if b"\0" in line:
        raise MalformedError("nul")
    try:
        content = json.loads(
            line.decode(),
            object_pairs_hook=_members,
            parse_int=str,
            parse_float=str,
            parse_constant=_refuse_constant,
        )
    except UnicodeDecodeError:
        raise MalformedError("invalid_utf8") from None
    except (json.JSONDecodeError, RecursionError):
        raise MalformedError("no_json" if line.endswith(b"\n") else "truncated") from None
    if not isinstance(content, dict):
        raise MalformedError("no_object")
    return content


def _values(line: bytes) -> Values:
    content = json_object(line)
    if MALFORMED in content or MALFORMED_LINE in content:
        raise MalformedError("reserved_member")
    values = {name: _text(value) for name, value in content.items()}
    require_characters(line, (text for item in values.items() for text in item if text))
    return values


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise MalformedError("duplicate_key")
    return members


def _refuse_constant(_: str) -> Any:
    raise MalformedError("no_json")  # NaN and Infinity, which JSON lacks


def require_characters(line: bytes, texts: Iterable[str]) -> None:
    """Half of an escaped surrogate pair is no character, and cannot be written; `texts` are those of the line."""
    if b"\\ud" not in line and b"\\uD" not in line:
        return
    try:
        "".join(texts).encode()
    except UnicodeEncodeError:
        raise MalformedError("lone_surrogate") from None


def _text(value: Any) -> str | None:
    """Numbers are text already, as they came; what is nested is JSON, its numbers as text too."""
    match value:
        case None | str():
            return value
        case bool():
            return "true" if value else "false"
        case _:
            return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
