"""`lakehouse rejected`."""

from pathlib import Path
from typing import Annotated

import typer

from lakehouse.address import Address
from lakehouse.cli.arguments import table_address
from lakehouse.cli.console import output as console
from lakehouse.cli.failure import CommandError
from lakehouse.cli.settings import read_settings
from lakehouse.cli.spreadsheet import neutralised
from lakehouse.cli.tables import OutputFormat, show
from lakehouse.contract import load
from lakehouse.operations.athena import QueryError, query


def rejected_command(
    table: Annotated[str, typer.Argument(help="`ecommerce.order_items`, or the silver address.")],
    limit: Annotated[int, typer.Option(min=1, help="Rows to show.")] = 20,
    output: Annotated[
        OutputFormat, typer.Option("--format", help="How to print the rows.")
    ] = OutputFormat.table,
    to: Annotated[
        Path | None, typer.Option("--output", dir_okay=False, help="File to write the rows to.")
    ] = None,
) -> None:
    """Show rows that a table refused: how many by rule, and each with its place in the source.

    Of a table about patients no values are shown.

    CSV is safe to open in a spreadsheet: a cell that would be a formula gets a single quote in front.

    Example: `lakehouse rejected ecommerce.order_items --limit 1000 --format csv --output rejected.csv`
    """
    silver = table_address(table, layer="silver")
    address = silver.at("rejected")
    try:
        if output is OutputFormat.table:
            show(
                query(_by_rule(address), read_settings(), domain=address.domain),
                title=f"{address}: rows by rule",
            )
        sql = _rows(address, limit, restricted=load(silver.at("silver")).rules.restricted)
        rows = query(sql, read_settings(), domain=address.domain)
    except QueryError as error:
        raise CommandError(f"Athena: {error}; has a run published {address.at('silver')}?") from error
    show(neutralised(rows) if output is OutputFormat.csv else rows, output, to=to)
    if output is OutputFormat.table and not rows.rows:
        console().print("No row is rejected.")


def _by_rule(address: Address) -> str:
    source = f"{address.database}.{address.table}"
    return f"SELECT category, rule, COUNT(*) AS row_count FROM {source} GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2"  # noqa: S608


def _rows(address: Address, limit: int, *, restricted: bool) -> str:
    columns = "category, rule, _source_file AS file, _source_sheet AS sheet, _source_row AS row"
    columns += "" if restricted else ", raw"
    source = f"{address.database}.{address.table}"
    return f"SELECT {columns} FROM {source} ORDER BY _source_file, _source_sheet, _source_row LIMIT {limit}"  # noqa: S608


def register(app: typer.Typer) -> None:
    app.command("rejected")(rejected_command)
