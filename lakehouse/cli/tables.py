"""Print rows as a table, CSV or JSON."""

import csv
import json
from enum import StrEnum
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from lakehouse.cli.console import WIDTH_OF_A_FILE
from lakehouse.cli.console import output as console
from lakehouse.cli.failure import CommandError
from lakehouse.operations.athena import Result


class OutputFormat(StrEnum):
    table = "table"
    csv = "csv"
    json = "json"


def show(
    result: Result,
    output: OutputFormat = OutputFormat.table,
    title: str | None = None,
    to: Path | None = None,
) -> None:
    """Print `result` on standard output, or write it to a file.

    A file of CSV begins with a byte order mark, without which Excel takes it for something else than UTF-8.
    """
    if to is None:
        _write(result, output, title, console())
        return
    encoding = "utf-8-sig" if output is OutputFormat.csv else "utf-8"
    try:
        with to.open("w", encoding=encoding, newline="") as file:
            _write(result, output, title, Console(file=file, width=WIDTH_OF_A_FILE))
    except OSError as error:
        raise CommandError(f"{to} cannot be written: {error.strerror}; choose another --output") from error


def _write(result: Result, output: OutputFormat, title: str | None, to: Console) -> None:
    if output is OutputFormat.csv:
        writer = csv.writer(to.file)
        writer.writerow(result.columns)
        writer.writerows(result.rows)
    elif output is OutputFormat.json:
        rows = [dict(zip(result.columns, row, strict=True)) for row in result.rows]
        to.file.write(json.dumps(rows, indent=2) + "\n")
    else:
        table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
        for name in result.columns:
            table.add_column(name, overflow="fold")
        for row in result.rows:
            table.add_row(*("" if value is None else value for value in row))
        to.print(table)
