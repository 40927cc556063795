"""Workbooks of a test's own."""

from io import BytesIO

from openpyxl import Workbook


def workbook(**sheets: list[list[object]]) -> BytesIO:
    """A workbook with these sheets, each a list of rows."""
    made = Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    content = BytesIO()
    made.save(content)
    content.seek(0)
    return content
