"""Cells of workbooks that are not what they look like, and what is read of them."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from io import BytesIO

from openpyxl import Workbook
from openpyxl.chart import BarChart
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet.worksheet import Worksheet

from tests.lakehouse.ingestion.hostile_case import Hostile, refused, rows_of
from tests.lakehouse.ingestion.raw_workbooks import raw_workbook
from tests.lakehouse.workbooks import workbook

HEADER = '<row r="1"><c r="A1" t="str"><v>id</v></c></row>'


def loads(
    content: bytes, *values: Mapping[str, str | None], sheet_name: str = "s", first: int = 2
) -> Hostile:
    return Hostile(lambda: content, "day.xlsx", rows_of(*values, sheet=sheet_name, first=first))


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


def _table_below(cells: Worksheet) -> None:
    cells["B2"], cells["B3"] = "id", 1


CELLS: dict[str, Hostile] = {
    "header_only_xlsx": loads(workbook(s=[["id"]]).getvalue()),
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
    "a_table_that_does_not_begin_in_a1": refused(
        "sheet 's': row 1 holds no column names: put them there", drawn(_table_below), "day.xlsx"
    ),
    "padding_behind_the_archive": loads(workbook(s=[["id"], [1]]).getvalue() + bytes(100), {"id": "1"}),
    "implied_positions": loads(
        raw_workbook("<row><c t='str'><v>id</v></c></row><row/><row><c><v>3</v></c></row>"),
        {"id": "3"},
        first=3,
    ),
}
