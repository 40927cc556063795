"""Write synthetic rows as the files that a source system delivers."""

import csv
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

CREATED = datetime(2025, 1, 1)  # noqa: DTZ001 - openpyxl takes naive UTC
"""A workbook carries its time of creation: a fixed one keeps the same rows the same file."""


def write_csv(path: Path, columns: Sequence[str], sheets: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Write the rows of every sheet one after the other, in UTF-8 with a header; None is an empty field."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        for rows in sheets.values():
            writer.writerows([_text(row[column]) for column in columns] for row in rows)


def write_workbook(
    path: Path, columns: Sequence[str], sheets: Mapping[str, Sequence[Mapping[str, Any]]]
) -> None:
    """Write one worksheet per entry, each with a header; numbers stay numbers, None is an empty cell."""
    # Only workbooks need openpyxl, and the engine must import without it.
    from openpyxl import Workbook  # noqa: PLC0415

    workbook = Workbook(write_only=True)
    workbook.properties.created = workbook.properties.modified = CREATED
    for title, rows in sheets.items():
        sheet = workbook.create_sheet(title)
        sheet.append(list(columns))
        for row in rows:
            sheet.append([_cell(row[column]) for column in columns])
    workbook.save(path)


def _text(value: Any) -> Any:
    """Timestamps and dates as ISO text; a timestamp without its zone, as the shop writes it."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else value


def _cell(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else _text(value)
