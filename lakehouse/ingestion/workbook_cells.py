"""Go through the XML of a workbook's parts: refuse what multiplies, and what is in no order."""

import re
from collections import Counter
from functools import lru_cache
from typing import NoReturn
from xml.parsers import expat

from lakehouse.ingestion.tabular import UnreadableFileError

MAX_CELLS = 16 << 20
"""Cells of all sheets, each from A1 to its last and empty ones included, for which the library takes 0.5 to 1.5 GB:
Excel's 1,048,576 rows of 16 columns."""
MAX_TEXT = 256 << 20
"""Characters of a sheet's texts, each counted as often as a cell shows it."""
MAX_ROWS, MAX_COLUMNS = 1_048_576, 16_384
"""What Excel allows."""

_REFERENCE = re.compile(r"([A-Za-z]{1,3})([1-9][0-9]{0,6})")
_NUMBER = re.compile(r"[1-9][0-9]{0,6}")


class CellCounter:
    """Parts as they are inflated: `begin` each, `feed` its bytes, `end` it; raises UnreadableFileError."""

    def __init__(self) -> None:
        self._part = ""
        self._parser = expat.ParserCreate()
        self._lengths: list[int] = []  # of the shared texts, in their order
        self._shown: dict[str, Counter[str]] = {}  # part → index of a shared text → cells that show it
        self._row = self._column = self._last_column = 0
        self._earlier = 0  # cells of the parts before this one
        self._in_cells = self._in_index = self._in_shared = False

    def begin(self, part: str) -> None:
        self._part = part
        self._earlier += self._row * self._last_column
        self._row = self._column = self._last_column = 0
        self._in_cells = self._in_index = self._in_shared = False
        self._shown[part] = Counter()
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text

    def feed(self, data: bytes, *, last: bool = False) -> None:
        try:
            self._parser.Parse(data, last)
        except expat.ExpatError as error:
            self._refuse(
                f"is damaged at line {error.lineno}, column {error.offset + 1}; deliver the file again"
            )

    def end(self) -> None:
        self.feed(b"", last=True)

    def require_little_text(self) -> None:
        """Judge the texts of every part, for which all of them must have been read."""
        for part, shown in self._shown.items():
            length = sum(self._length(index) * count for index, count in shown.items())
            if length > MAX_TEXT:
                self._part = part
                self._refuse(
                    f"shows texts of more than {MAX_TEXT >> 20} Mi characters; split it or deliver .csv"
                )

    def _length(self, index: str) -> int:
        # The library reports a number without a text, and takes the first text for what is no number.
        if not index.isdecimal():
            return max(self._lengths, default=0)
        return self._lengths[int(index)] if int(index) < len(self._lengths) else 0

    def _doctype(self, *_: object) -> None:
        self._refuse("declares a DOCTYPE, which no workbook needs; open the file in Excel and save it again")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        match name.rpartition(":")[2]:
            case "sheetData":
                self._in_cells = True
            case "row" if self._in_cells:
                self._to_row(attributes.get("r"))
            case "c" if self._in_cells:
                self._to_cell(attributes.get("r"))
                self._in_index = attributes.get("t") == "s"
            case "si":
                self._lengths.append(0)
                self._in_shared = True
            case _:
                pass

    def _end(self, name: str) -> None:
        match name.rpartition(":")[2]:
            case "sheetData":
                self._in_cells = False
            case "c":
                self._in_index = False
            case "si":
                self._in_shared = False
            case _:
                pass

    def _text(self, text: str) -> None:
        if self._in_index:
            self._shown[self._part][text.strip()] += 1
        elif self._in_shared:
            self._lengths[-1] += len(text)

    def _to_row(self, number: str | None) -> None:
        row = self._row + 1 if number is None else int(number) if _NUMBER.fullmatch(number) else 0
        if not self._row < row <= MAX_ROWS:
            self._refuse(
                f"has rows in no order after row {self._row}; open the file in Excel and save it again"
            )
        self._row, self._column = row, 0

    def _to_cell(self, reference: str | None) -> None:
        column = self._column + 1
        if reference is not None:
            found = _REFERENCE.fullmatch(reference)
            column = _column(found[1]) if found and int(found[2]) == self._row else 0
        if not self._column < column <= MAX_COLUMNS:
            self._refuse(
                f"has cells in no order in row {self._row}; open the file in Excel and save it again"
            )
        self._column, self._last_column = column, max(column, self._last_column)
        if self._earlier + self._row * self._last_column > MAX_CELLS:
            self._refuse(
                f"brings the workbook to more than {MAX_CELLS >> 20} Mi cells, empty ones included; delete stray"
                " cells far from the table, or deliver .csv"
            )

    def _refuse(self, what: str) -> NoReturn:
        raise UnreadableFileError(f"not a readable workbook: {self._part!r} {what}")


@lru_cache
def _column(letters: str) -> int:
    """`A` is 1, `AA` is 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
