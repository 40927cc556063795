"""Read a CSV file or a workbook as text, value by value, exactly as it came."""

import csv
import sys
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import BinaryIO, NamedTuple

from python_calamine import CalamineError, CalamineWorkbook

csv.field_size_limit(min(sys.maxsize, 64 << 20))

type Cell = str | float | int | bool | date | time | timedelta


class UnreadableFileError(ValueError):
    """A file that is not what its name says, or breaks off; the message says where."""


class Record(NamedTuple):
    """One row: the sheet's name (empty for CSV), row number (the header is row 1), values by header."""

    sheet: str
    row: int
    values: dict[str, str | None]


def read_records(name: str, content: BinaryIO) -> Iterator[Record]:
    """Every data row of a file; raises UnreadableFileError."""
    suffix = name.rpartition(".")[2].lower()
    if suffix == "csv":
        yield from _read_csv(content)
    elif suffix in {"xlsx", "xlsm", "xls"}:
        yield from _read_workbook(content)
    else:
        raise UnreadableFileError(f"the name ends in {suffix!r}: deliver .csv or .xlsx")


def _read_csv(content: BinaryIO) -> Iterator[Record]:
    lines = (line.decode("utf-8-sig" if number == 0 else "utf-8") for number, line in enumerate(content))
    reader = csv.reader(lines, strict=True)
    try:
        header = _header(next(reader, []), sheet="")
        for number, cells in enumerate(reader, start=2):
            if cells:
                yield Record("", number, _by_header(header, list(cells)))
    except UnicodeDecodeError as error:
        raise UnreadableFileError(f"line {reader.line_num + 1} is not UTF-8: {error.reason}") from error
    except csv.Error as error:
        raise UnreadableFileError(f"line {reader.line_num}: {error}") from error


def _read_workbook(content: BinaryIO) -> Iterator[Record]:
    try:
        workbook = CalamineWorkbook.from_filelike(content)
        for sheet in workbook.sheet_names:
            yield from _read_sheet(workbook, sheet)
    except CalamineError as error:
        raise UnreadableFileError(f"not a readable workbook: {error}") from error


def _read_sheet(workbook: CalamineWorkbook, sheet: str) -> Iterator[Record]:
    rows = iter(workbook.get_sheet_by_name(sheet).to_python(skip_empty_area=False))
    first = next(rows, None)
    if first is None:
        return
    header = _header([as_text(cell) or "" for cell in first], sheet)
    for number, cells in enumerate(rows, start=2):
        texts = [as_text(cell) for cell in cells]
        if any(text is not None for text in texts):
            yield Record(sheet, number, _by_header(header, texts))


def as_text(cell: Cell) -> str | None:
    """A workbook's cell as text: 90.0 is `90`, an empty cell None, times are ISO 8601."""
    match cell:
        case "":
            return None
        case bool():
            return "true" if cell else "false"
        case float() if cell.is_integer():
            return str(int(cell))
        case datetime() | date() | time():
            return cell.isoformat()
        case _:
            return str(cell)


def _header(cells: list[str], sheet: str) -> list[str]:
    header = [cell.strip().lower() for cell in cells]
    while header and not header[-1]:
        header.pop()
    where = f"sheet {sheet!r}: " if sheet else ""
    if not any(header):
        raise UnreadableFileError(f"{where}row 1 holds no column names")
    if repeated := sorted({name for name in header if header.count(name) > 1}):
        raise UnreadableFileError(f"{where}row 1 names these columns twice: {', '.join(map(repr, repeated))}")
    return header


def _by_header(header: list[str], cells: list[str | None]) -> dict[str, str | None]:
    values: dict[str, str | None] = {**dict.fromkeys(header), **dict(zip(header, cells, strict=False))}
    for position, cell in enumerate(cells[len(header) :], start=len(header) + 1):
        if cell not in {None, ""}:
            values[f"column {position}"] = cell
    return values
