"""Workbooks that are refused before, or while, they are read."""

import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import Workbook

from tests.lakehouse.ingestion.hostile_case import Hostile, refused
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


def not_read(reason: str, content: bytes | Callable[[], bytes]) -> Hostile:
    return refused(reason, content, "day.xlsx")


def _stray() -> bytes:
    book, content = Workbook(), BytesIO()
    book.active["A1"], book.active["XFD1048576"] = "id", 1
    book.save(content)
    return content.getvalue()


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
        "the name ends in 'xls': deliver .csv, .csv.gz, .xlsx, .xlsm, .ndjson, .ndjson.gz", _BOOK, "day.xls"
    ),
    "empty_xlsx": not_read("the file is empty: deliver it again, with its header", b""),
    "no_cells": not_read(
        "no sheet of the workbook holds a cell: deliver it again, with its header", workbook(s=[]).getvalue()
    ),
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
        _stray,
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
}
