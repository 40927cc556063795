"""`lakehouse query`."""

from typing import Annotated

import typer

from lakehouse.cli.failure import CommandError
from lakehouse.cli.tables import OutputFormat, show
from lakehouse.operations.athena import QueryError, query
from lakehouse.settings import Settings


def query_command(
    sql: Annotated[str, typer.Argument(help="One Athena statement.")],
    output: Annotated[
        OutputFormat, typer.Option("--format", help="How to print the rows.")
    ] = OutputFormat.table,
    database: Annotated[str, typer.Option(help="Database of names without one.")] = "default",
) -> None:
    """Run SQL in Athena.

    Example: `lakehouse query "SELECT * FROM ecommerce_gold.daily_sales ORDER BY date" --format csv`
    """
    try:
        show(query(sql, Settings(), database), output)
    except QueryError as error:
        raise CommandError(f"Athena: {error}") from error


def register(app: typer.Typer) -> None:
    app.command("query")(query_command)
