"""Read CSV, plain or compressed with gzip, as text exactly as it came."""

import codecs
import csv
import io
from collections.abc import Iterator
from itertools import count
from typing import BinaryIO

from lakehouse.ingestion.gzip_stream import GzipStream
from lakehouse.ingestion.tabular import Sheet, UnreadableFileError, sheet_of

MAX_RECORD = 16 << 20
"""Bytes (characters in UTF-16) of one record, which is held whole in memory. A spreadsheet's longest cell has 32,767
characters; a longer record is a quote that never closes, or no table."""

_SAVE_AS_UTF_8 = "save the file as UTF-8 and deliver it again"

csv.field_size_limit(MAX_RECORD)


def read_gzip(content: BinaryIO) -> Iterator[Sheet]:
    """The one sheet of a compressed CSV file; raises UnreadableFileError."""
    return read_csv(GzipStream(content))


def read_csv(content: BinaryIO | io.RawIOBase) -> Iterator[Sheet]:
    """The one sheet of a CSV file; raises UnreadableFileError."""
    yield sheet_of("", _rows(io.BufferedReader(content)))  # type: ignore[arg-type]


def _rows(content: "io.BufferedReader[io.RawIOBase]") -> Iterator[list[str | None]]:
    lines = _Lines(content)
    reader = csv.reader(lines, strict=True)
    try:
        for cells in reader:
            lines.record = 0
            yield list(cells)
    except csv.Error as error:
        raise UnreadableFileError(
            f"line {reader.line_num}: {error}; quote values that hold quotes or line ends, and double the quotes"
        ) from error


class _Lines:
    """The lines of a text file; `record` counts the characters since its reader last set it to 0."""

    def __init__(self, content: "io.BufferedReader[io.RawIOBase]") -> None:
        self.record = 0
        self._content = content

    def __iter__(self) -> Iterator[str]:
        utf_16 = self._content.peek(2)[:2] in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}
        for number, line in enumerate(self._utf_16() if utf_16 else self._utf_8(), start=1):
            self.record += len(line)
            if self.record > MAX_RECORD:
                raise UnreadableFileError(
                    f"line {number}: the record is longer than {MAX_RECORD >> 20} MiB: is a quote not closed?"
                )
            if "\0" in line:
                raise UnreadableFileError(
                    f"line {number} holds a NUL: the file is binary, or UTF-16 or UTF-32; {_SAVE_AS_UTF_8}"
                )
            yield line

    def _utf_8(self) -> Iterator[str]:
        for number in count(1):
            line = self._content.readline(MAX_RECORD + 1)
            if not line:
                return
            # What is too long may be cut inside a character, and is refused anyway.
            errors = "strict" if len(line) <= MAX_RECORD else "ignore"
            try:
                yield line.decode("utf-8-sig" if number == 1 else "utf-8", errors)
            except UnicodeDecodeError as error:
                raise UnreadableFileError(
                    f"line {number} is not UTF-8: {error.reason}; {_SAVE_AS_UTF_8}"
                ) from error

    def _utf_16(self) -> Iterator[str]:
        text = io.TextIOWrapper(self._content, "utf-16", newline="\n")
        for number in count(1):
            try:
                line = text.readline(MAX_RECORD + 1)
            except UnicodeError as error:
                # Text is decoded some lines ahead.
                raise UnreadableFileError(
                    f"line {number} or one after it is not UTF-16; {_SAVE_AS_UTF_8}"
                ) from error
            if not line:
                return
            yield line
