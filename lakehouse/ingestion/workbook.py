"""Read an Excel workbook, sheet by sheet, as text."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from itertools import chain
from typing import BinaryIO

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum

from lakehouse.ingestion.tabular import Sheet, UnreadableFileError, in_sheet, sheet_of
from lakehouse.ingestion.workbook_parts import checked_copy

type Cell = str | float | int | bool | date | time | timedelta


def read_workbook(content: BinaryIO) -> Iterator[Sheet]:
    """Every sheet that holds a cell, hidden ones too, in the workbook's order; raises UnreadableFileError."""
    found = False
    with checked_copy(content) as path:
        for sheet in _sheets(path):
            rows = _rows(sheet)
            if (first := next(rows, None)) is not None:
                found = True
                yield sheet_of(sheet.name, chain([first], rows))
    if not found:
        raise UnreadableFileError("no sheet of the workbook holds a cell: deliver it again, with its header")


def _sheets(path: str) -> Iterator[CalamineSheet]:
    with named_failures(""):
        workbook = CalamineWorkbook.from_path(path)
    for sheet in workbook.sheets_metadata:
        if sheet.typ == SheetTypeEnum.WorkSheet:
            with named_failures(sheet.name):
                cells = workbook.get_sheet_by_name(sheet.name)
            yield cells


def _rows(sheet: CalamineSheet) -> Iterator[list[str | None]]:
    """The rows from A1 on, which is where the library's rows begin but not its columns."""
    before = [None] * (sheet.start[1] if sheet.start else 0)
    with named_failures(sheet.name):
        for cells in sheet.iter_rows():
            yield [*before, *(as_text(cell) for cell in cells)]


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


@contextmanager
def named_failures(sheet: str) -> Iterator[None]:
    """Failures of the library as UnreadableFileError; its own words may quote a cell."""
    try:
        yield
    except (GeneratorExit, UnreadableFileError):
        raise
    except BaseException as error:
        # A panic of the Rust library is no Exception, so that nobody overlooks it.
        panic = type(error).__module__ == "pyo3_runtime"
        if not panic and not isinstance(error, CalamineError):
            raise
        raise UnreadableFileError(
            f"{in_sheet(sheet)}not a readable workbook ({type(error).__name__}):"
            " open it in Excel, save it as .xlsx and deliver it again"
        ) from None
