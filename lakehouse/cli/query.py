"""`lakehouse query`."""

import re
from typing import Annotated

import typer

from lakehouse.address import query_results_uri
from lakehouse.cli.failure import CommandError
from lakehouse.cli.settings import read_settings
from lakehouse.cli.tables import OutputFormat, show
from lakehouse.operations.athena import QueryError, query
from lakehouse.operations.pools import domains
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
        settings = read_settings()
        domain = _restricted_domain(settings, f"{database} {sql}")
        show(query(sql, settings, database, domain), output)
    except QueryError as error:
        raise CommandError(f"Athena: {error}") from error


def _restricted_domain(settings: Settings, sql: str) -> str | None:
    """The domain with a place of its own for results whose tables a statement names."""
    named = (d for d in domains() if re.search(rf"\b{d}_(bronze|silver|gold|rejected)\b", sql))
    return next((domain for domain in named if query_results_uri(settings.buckets(domain))), None)


def register(app: typer.Typer) -> None:
    app.command("query")(query_command)
