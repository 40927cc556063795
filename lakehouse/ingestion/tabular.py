"""What every kind of delivered file becomes: sheets of records, named by a header."""

from collections.abc import Iterator
from typing import NamedTuple

MAX_COLUMNS = 2_048
"""Columns of a header or a row. Wide exports have hundreds; more is a file whose lines or delimiters are lost, and
every row would be held with all of them."""

type Values = dict[str, str | None]


class UnreadableFileError(ValueError):
    """A file that is not what its name says, breaks off or exceeds a limit.

    The message says where, and what to do; it holds no value of the file.
    """


class Record(NamedTuple):
    """One row: the sheet's name (empty but for workbooks), row number (the header is row 1), values by name."""

    sheet: str
    row: int
    values: Values


class Sheet(NamedTuple):
    """A sheet, or a whole file: its name (empty but for workbooks), its columns' names, its records as they are read.

    Without a header every record names its own values, and lacks what it does not name.
    """

    name: str
    header: list[str] | None
    records: Iterator[Record]


def sheet_of(name: str, rows: Iterator[list[str | None]]) -> Sheet:
    """A sheet whose first row is the header; rows without a cell are skipped and counted."""
    header = _header(next(rows, []), name)
    return Sheet(name, header, _records(name, header, rows))


def in_sheet(name: str) -> str:
    """How a message begins that concerns a sheet."""
    return f"sheet {name!r}: " if name else ""


def _records(sheet: str, header: list[str], rows: Iterator[list[str | None]]) -> Iterator[Record]:
    for number, cells in enumerate(rows, start=2):
        _require_width(sheet, number, cells)
        if any(cell is not None for cell in cells):
            yield Record(sheet, number, _by_header(header, cells))


def _header(cells: list[str | None], sheet: str) -> list[str]:
    names = [(cell or "").strip().lower() for cell in cells]
    while names and not names[-1]:
        names.pop()
    if not names:
        raise UnreadableFileError(f"{in_sheet(sheet)}row 1 holds no column names: put them there")
    _require_width(sheet, 1, names)
    named = [name or f"column {position}" for position, name in enumerate(names, start=1)]
    first: dict[str, int] = {}
    for position, name in enumerate(named, start=1):
        # A file without a header has values here, so the name itself is not told.
        if first.setdefault(name, position) != position:
            raise UnreadableFileError(
                f"{in_sheet(sheet)}row 1 gives columns {first[name]} and {position} the same name"
                " (capitals do not count): rename or remove one"
            )
    return named


def _by_header(header: list[str], cells: list[str | None]) -> Values:
    values: Values = {**dict.fromkeys(header), **dict(zip(header, cells, strict=False))}
    for position, cell in enumerate(cells[len(header) :], start=len(header) + 1):
        if cell not in {None, ""}:
            values[f"column {position}"] = cell
    return values


def _require_width(sheet: str, row: int, cells: list[str] | list[str | None]) -> None:
    if len(cells) > MAX_COLUMNS:
        raise UnreadableFileError(
            f"{in_sheet(sheet)}row {row} has {len(cells)} columns, more than {MAX_COLUMNS}: is it delimited right?"
        )
