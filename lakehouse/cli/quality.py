"""`lakehouse quality`."""

from typing import Annotated

import boto3
import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from lakehouse.cli.arguments import table_address
from lakehouse.cli.console import output
from lakehouse.cli.failure import CommandError
from lakehouse.cli.settings import read_settings
from lakehouse.operations.validations import Validation, latest_validations
from lakehouse.settings import Settings

_LINK_SECONDS = 7 * 24 * 3600
_STYLES = {"passed": "green", "warned": "yellow", "failed": "red", "nothing_new": "dim"}


def quality_command(
    table: Annotated[
        str | None, typer.Argument(help="`ecommerce.silver.orders`; without it, every table.")
    ] = None,
    domain: Annotated[str, typer.Option(help="Domain to show when no table is named.")] = "ecommerce",
) -> None:
    """Show the latest checkpoint results, with a link to each Data Docs page.

    Example: `lakehouse quality ecommerce.silver.products`
    """
    settings = read_settings()
    only = table_address(table, layer="silver") if table else None
    validations = latest_validations(settings, only.domain if only else domain)
    chosen = [v for v in validations if only is None or v.address == str(only)]
    if not chosen:
        raise CommandError(f"no checkpoint has run for {only or domain} yet: start `lakehouse run {domain}`")
    show_validations(chosen, settings)


def show_validations(validations: list[Validation], settings: Settings) -> None:
    """Print one line for each table, and one for each expectation that failed."""
    console = output()
    results = Table("table", "outcome", "expectations", "Data Docs", title="Checkpoints")
    results.title_justify, results.box, results.pad_edge = "left", SIMPLE_HEAD, False
    for validation in validations:
        met = sum(judgement.success for judgement in validation.expectations)
        outcome = f"[{_STYLES[validation.outcome]}]{validation.outcome}[/]"
        page = validation.docs_uri or ""
        if page and console.is_terminal:
            page = f"[link={_signed(page, settings)}]open[/link]"
        results.add_row(validation.address, outcome, f"{met} of {len(validation.expectations)}", page)
    console.print(results)
    for validation in validations:
        for judgement in validation.expectations:
            if not judgement.success:
                text = f"{validation.address}: {judgement.severity}: {judgement.expectation}: {judgement.observed}"
                console.print(text, style=_STYLES[validation.outcome], highlight=False)


def _signed(uri: str, settings: Settings) -> str:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    s3 = boto3.client("s3", region_name=settings.region)
    return str(
        s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": key}, ExpiresIn=_LINK_SECONDS)
    )


def register(app: typer.Typer) -> None:
    app.command("quality")(quality_command)
