"""Print rows as a table, CSV or JSON."""

import csv
import json
import sys
from enum import StrEnum

from rich.box import SIMPLE_HEAD
from rich.table import Table

from lakehouse.cli.console import output as console
from lakehouse.operations.athena import Result


class OutputFormat(StrEnum):
    table = "table"
    csv = "csv"
    json = "json"


def show(result: Result, output: OutputFormat = OutputFormat.table, title: str | None = None) -> None:
    """Print `result` on standard output."""
    if output is OutputFormat.csv:
        writer = csv.writer(sys.stdout)
        writer.writerow(result.columns)
        writer.writerows(result.rows)
    elif output is OutputFormat.json:
        rows = [dict(zip(result.columns, row, strict=True)) for row in result.rows]
        sys.stdout.write(json.dumps(rows, indent=2) + "\n")
    else:
        table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
        for name in result.columns:
            table.add_column(name, overflow="fold")
        for row in result.rows:
            table.add_row(*("" if value is None else value for value in row))
        console().print(table)
