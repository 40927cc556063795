"""Read delivered files as they are: a CSV's text, or the cells of every sheet of a workbook."""

import csv
import os
from pathlib import Path

from openpyxl import load_workbook

SHARED_DATA = Path(os.environ.get("LAKEHOUSE_SHARED_DATA", Path(__file__).parents[3] / "shared" / "data"))

Rows = list[dict[str, object]]


def real_files() -> list[Path]:
    """The e-commerce files that lie beside the checkout; a test that needs them fails without."""
    directory = SHARED_DATA / "ecommerce"
    files = sorted(directory.glob("*.[cx]*"))
    assert len(files) == 3, f"the real files are missing in {directory}: set LAKEHOUSE_SHARED_DATA"
    return files


def read_rows(path: Path) -> Rows:
    """Rows by column name, in the order of the file."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            return [dict(row) for row in csv.DictReader(file)]
    return [row for rows in read_sheets(path).values() for row in rows]


def read_sheets(path: Path) -> dict[str, Rows]:
    """Rows of each sheet of a workbook; a row without any value is no row."""
    workbook = load_workbook(path, read_only=True, data_only=True)
    sheets: dict[str, Rows] = {}
    for sheet in workbook:
        header, *rows = sheet.iter_rows(values_only=True)
        sheets[sheet.title] = [
            dict(zip(map(str, header), row, strict=True))
            for row in rows
            if any(cell is not None for cell in row)
        ]
    workbook.close()
    return sheets
