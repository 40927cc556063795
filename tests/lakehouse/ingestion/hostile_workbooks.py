"""Hostile workbooks."""

import zipfile
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.chart import BarChart
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet.worksheet import Worksheet

from tests.lakehouse.ingestion.hostile_case import Hostile, refused, rows_of
from tests.lakehouse.ingestion.raw_workbooks import (
    PARTS,
    SHEET,
    STRINGS,
    packed,
    raw_workbook,
    sheet,
    strings,
)
from tests.lakehouse.workbooks import workbook

FILES = Path(__file__).parents[2] / "cases" / "hostile"
RESAVE = "open it in Excel, save it as .xlsx and deliver it again"
TOO_MANY_CELLS = (
    f"not a readable workbook: {SHEET!r} brings the workbook to more than 16 Mi cells, empty ones included; delete"
    " stray cells far from the table, or deliver .csv"
)
HEADER = '<row r="1"><c r="A1" t="str"><v>id</v></c></row>'


def loads(
    content: bytes, *values: Mapping[str, str | None], sheet_name: str = "s", first: int = 2
) -> Hostile:
    return Hostile(lambda: content, "day.xlsx", rows_of(*values, sheet=sheet_name, first=first))


def not_read(reason: str, content: bytes | Callable[[], bytes]) -> Hostile:
    return refused(reason, content, "day.xlsx")


def drawn(draw: Callable[[Worksheet], None], **book: object) -> bytes:
    """A workbook of one sheet, `s`, as openpyxl saves what `draw` does to it."""
    made = Workbook()
    for name, value in book.items():
        setattr(made, name, value)
    made.active.title = "s"
    draw(made.active)
    content = BytesIO()
    made.save(content)
    return content.getvalue()


def _merged(cells: Worksheet) -> None:
    cells.append(["department", "product"])
    cells.append(["dairy", "Milk"])
    cells.append([None, "Eggs"])
    cells.merge_cells("A2:A3")


def _hidden(cells: Worksheet) -> None:
    cells.append(["id"])
    for title, state in (("hidden", "hidden"), ("very", "veryHidden")):
        other = cells.parent.create_sheet(title)
        other.sheet_state = state
        other.append(["id"])
        other.append([title])


def _chart(cells: Worksheet) -> None:
    cells.append(["id"])
    cells.append([1])
    cells.parent.create_chartsheet("chart").add_chart(BarChart())


def _leap_day(cells: Worksheet) -> None:
    cells["A1"], cells["A2"] = "day", date(2024, 2, 29)


def _stray(cells: Worksheet) -> None:
    cells["A1"], cells["XFD1048576"] = "id", 1


def _table_below(cells: Worksheet) -> None:
    cells["B2"], cells["B3"] = "id", 1


_BOOK = workbook(s=[["id"], [1]]).getvalue()


def _damaged() -> bytes:
    """A workbook with one bit of a sheet's data turned."""
    content = bytearray(packed({**PARTS, SHEET: sheet(HEADER), STRINGS: strings()}, zipfile.ZIP_STORED))
    content[content.index(b"sheetData") + 1] ^= 1
    return bytes(content)


def _with_a_false_size() -> bytes:
    """A workbook whose directory claims that a sheet of 100 MB has 10 bytes."""
    content = packed({**PARTS, SHEET: sheet(HEADER) + " " * 100_000_000})
    return content.replace(
        (len(sheet(HEADER)) + 100_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little")
    )


def _twice() -> bytes:
    content = BytesIO(_BOOK)
    with zipfile.ZipFile(content, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr(SHEET, sheet(HEADER))
    return content.getvalue()


_BILLION = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
_SPARSE = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
_MANY_TEXTS = HEADER + '<row r="2">' + '<c t="s"><v>0</v></c>' * 9_000 + "</row>"
_SHARED_LONG = "x" * 32_767

WORKBOOKS: dict[str, Hostile] = {
    "csv_called_xlsx": not_read("the name ends in .xlsx but this is no workbook: call text .csv", b"id\n1\n"),
    "xlsx_called_csv": refused(
        "the name ends in .csv but this is a workbook or a zip archive: call a workbook .xlsx, unpack an archive",
        _BOOK,
    ),
    "xlsx_called_xls": refused(
        "the name ends in 'xls': deliver .csv, .csv.gz, .xlsx, .xlsm", _BOOK, "day.xls"
    ),
    "empty_xlsx": not_read("the file is empty: deliver it again, with its header", b""),
    "no_cells": not_read(
        "no sheet of the workbook holds a cell: deliver it again, with its header", workbook(s=[]).getvalue()
    ),
    "header_only_xlsx": loads(workbook(s=[["id"]]).getvalue()),
    "zip_of_csv_called_xlsx": not_read(
        "the zip archive is no workbook: unpack it, or save the table as .xlsx",
        packed({"day.csv": b"id\n1\n"}),
    ),
    "encrypted": not_read(
        "the workbook is encrypted: remove the password", (FILES / "encrypted.xlsx").read_bytes
    ),
    "old_format": not_read(
        "the file is in the old format of Excel (.xls): save it as .xlsx", (FILES / "old.xls").read_bytes
    ),
    "truncated": not_read(
        "not a readable workbook (BadZipFile): the file is damaged; deliver it again",
        _BOOK[: len(_BOOK) // 2],
    ),
    "bit_turned": not_read(
        "not a readable workbook (BadZipFile): the file is damaged; deliver it again", _damaged
    ),
    "sheet_missing": not_read(
        f"sheet 's': not a readable workbook (WorksheetNotFound): {RESAVE}", packed(PARTS)
    ),
    "workbook_missing": not_read(
        "no sheet of the workbook holds a cell: deliver it again, with its header",
        packed({name: part for name, part in PARTS.items() if name != "xl/workbook.xml"}),
    ),
    "part_twice": not_read(
        "not a readable workbook: it holds a part twice; open it in Excel and save it again", _twice
    ),
    "malformed_xml": not_read(
        f"not a readable workbook: {SHEET!r} is damaged at line 1, column 12; deliver the file again",
        packed({**PARTS, SHEET: "<worksheet><", STRINGS: strings()}),
    ),
    "doctype": not_read(
        f"not a readable workbook: {SHEET!r} declares a DOCTYPE, which no workbook needs; open the file in Excel and"
        " save it again",
        packed({**PARTS, SHEET: sheet(HEADER, before=_BILLION), STRINGS: strings()}),
    ),
    "zip_bomb": not_read(
        "the workbook inflates to more than 64 MiB: split it or deliver it as .csv",
        lambda: packed({**PARTS, SHEET: sheet(HEADER) + " " * 100_000_000}),
    ),
    "zip_bomb_in_a_part_of_its_own": not_read(
        "the workbook inflates to more than 64 MiB: split it or deliver it as .csv",
        lambda: packed(
            {**PARTS, "xl/a.xml": "<a/>" + " " * 100_000_000, SHEET: sheet(HEADER), STRINGS: strings()}
        ),
    ),
    "zip_bomb_with_a_false_size": not_read(
        "not a readable workbook (BadZipFile): the file is damaged; deliver it again", _with_a_false_size
    ),
    "stray_cell_at_the_far_end": not_read(
        TOO_MANY_CELLS,
        drawn(_stray),
    ),
    "far_end_without_references_in_between": not_read(
        TOO_MANY_CELLS,
        raw_workbook(_SPARSE),
    ),
    "text_that_multiplies": not_read(
        f"not a readable workbook: {SHEET!r} shows texts of more than 256 Mi characters; split it or deliver .csv",
        raw_workbook(_MANY_TEXTS, _SHARED_LONG),
    ),
    "text_that_multiplies_by_a_false_number": not_read(
        f"not a readable workbook: {SHEET!r} shows texts of more than 256 Mi characters; split it or deliver .csv",
        raw_workbook(_MANY_TEXTS.replace("<v>0<", "<v>-1<"), _SHARED_LONG),
    ),
    "rows_in_no_order": not_read(
        f"not a readable workbook: {SHEET!r} has rows in no order after row 3; open the file in Excel and save it"
        " again",
        raw_workbook('<row r="3"><c r="A3"><v>1</v></c></row><row r="1"><c r="A1"><v>1</v></c></row>'),
    ),
    "row_beyond_the_last": not_read(
        f"not a readable workbook: {SHEET!r} has rows in no order after row 0; open the file in Excel and save it"
        " again",
        raw_workbook('<row r="4294967296"><c><v>1</v></c></row>'),
    ),
    "cells_of_another_row": not_read(
        f"not a readable workbook: {SHEET!r} has cells in no order in row 1; open the file in Excel and save it"
        " again",
        raw_workbook('<row r="1"><c r="A2"><v>1</v></c></row>'),
    ),
    "unknown_text": not_read(
        f"sheet 's': not a readable workbook (CalamineError): {RESAVE}",
        raw_workbook(HEADER + '<row r="2"><c r="A2" t="s"><v>7</v></c></row>'),
    ),
    "unknown_type": not_read(
        f"sheet 's': not a readable workbook (CalamineError): {RESAVE}",
        raw_workbook(HEADER + '<row r="2"><c r="A2" t="secret"><v>7</v></c></row>'),
    ),
    "bad_header_on_a_later_sheet": not_read(
        "sheet 'bad': row 1 gives columns 1 and 2 the same name (capitals do not count): rename or remove one",
        workbook(good=[["id"], [1]], bad=[["id", "ID"]]).getvalue(),
    ),
    "formulas": loads(
        raw_workbook(
            HEADER
            + '<row r="2"><c r="A2"><f>1+1</f><v>2</v></c></row>'
            + '<row r="3"><c r="A3" t="str"><f>"a"&amp;"b"</f><v>ab</v></c></row>'
            + '<row r="4"><c r="A4" t="b"><f>1=1</f><v>1</v></c></row>'
        ),
        {"id": "2"},
        {"id": "ab"},
        {"id": "true"},
    ),
    "formula_without_a_cached_value": loads(
        workbook(s=[["id", "sum"], [1, "=1+1"]]).getvalue(), {"id": "1", "sum": None}
    ),
    "errors_are_null": loads(
        raw_workbook(
            '<row r="1"><c t="str"><v>id</v></c><c t="str"><v>x</v></c></row>'
            '<row r="2"><c><v>1</v></c><c t="e"><f>1/0</f><v>#DIV/0!</v></c></row>'
        ),
        {"id": "1", "x": None},
    ),
    "merged_cells": loads(
        drawn(_merged), {"department": "dairy", "product": "Milk"}, {"department": None, "product": "Eggs"}
    ),
    "dates_as_numbers": loads(
        workbook(s=[["day"], [45748], [45748.5], [date(2025, 4, 1)]]).getvalue(),
        {"day": "45748"},
        {"day": "45748.5"},
        {"day": "2025-04-01"},
    ),
    "dates_of_the_mac_calendar": loads(
        drawn(_leap_day, epoch=CALENDAR_MAC_1904),
        {"day": "2024-02-29"},
    ),
    "first_and_last_dates": loads(
        workbook(
            s=[["day"], [date(1900, 3, 1)], [datetime(9999, 12, 31, 23, 59, 59)], [time(0, 0)]]  # noqa: DTZ001
        ).getvalue(),
        {"day": "1900-03-01"},
        {"day": "9999-12-31T23:59:59"},
        {"day": "00:00:00"},
    ),
    "numbers": loads(
        raw_workbook(
            HEADER
            + "".join(
                f"<row><c><v>{each}</v></c></row>"
                for each in ("NaN", "INF", "1e999", "1E3", "-0.005", "1234567890123456", "12.340")
            )
        ),
        *({"id": each} for each in ("nan", "inf", "inf", "1000", "-0.005", "1234567890123456", "12.34")),
    ),
    "numbers_as_text_stay": loads(
        workbook(s=[["id"], ["007"], ["1,000.50"], ["12.340"]]).getvalue(),
        {"id": "007"},
        {"id": "1,000.50"},
        {"id": "12.340"},
    ),
    "hidden_sheets_are_read": Hostile(
        lambda: drawn(_hidden),
        "day.xlsx",
        (*rows_of({"id": "hidden"}, sheet="hidden"), *rows_of({"id": "very"}, sheet="very")),
    ),
    "sheets_of_charts_are_not": loads(drawn(_chart), {"id": "1"}),
    "a_table_that_does_not_begin_in_a1": not_read(
        "sheet 's': row 1 holds no column names: put them there", drawn(_table_below)
    ),
    "padding_behind_the_archive": loads(_BOOK + bytes(100), {"id": "1"}),
    "implied_positions": loads(
        raw_workbook("<row><c t='str'><v>id</v></c></row><row/><row><c><v>3</v></c></row>"),
        {"id": "3"},
        first=3,
    ),
}
