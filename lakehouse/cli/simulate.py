"""`lakehouse simulate`: synthetic data of each domain."""

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from lakehouse.cli.simulate_coinbase import coinbase_command
from lakehouse.cli.simulate_fhir import fhir_command
from lakehouse.simulate.ecommerce import generate, write
from lakehouse.simulate.ecommerce_faults import Faults

app = typer.Typer(help="Make synthetic data of a domain, with faults on demand.", no_args_is_help=True)


class Layout(StrEnum):
    daily = "daily"
    single = "single"


class FileFormat(StrEnum):
    csv = "csv"
    xlsx = "xlsx"


@app.command("ecommerce")
def ecommerce_command(
    directory: Annotated[Path, typer.Argument(help="Where to write the files.")],
    seed: Annotated[int, typer.Option(help="The same seed gives the same data.")] = 1,
    first_day: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"])] = datetime(2025, 4, 1),  # noqa: DTZ001
    days: Annotated[int, typer.Option(min=1)] = 15,
    orders_per_day: Annotated[int, typer.Option(min=0)] = 500,
    products: Annotated[int, typer.Option(min=10)] = 1000,
    layout: Annotated[
        Layout, typer.Option(help="One file a dataset and day, or one a dataset.")
    ] = Layout.daily,
    file_format: Annotated[FileFormat, typer.Option("--format")] = FileFormat.csv,
    fault: Annotated[
        list[str] | None, typer.Option(help="`<name>=<share>`, such as late_order_share=0.1")
    ] = None,
) -> None:
    """Write products, orders and order items.

    Example: `lakehouse simulate ecommerce Data --days 3 --fault duplicate_line_share=0.01`
    """
    try:
        faults = Faults(
            **{name: float(share) for name, _, share in (text.partition("=") for text in fault or ())}
        )
        data = generate(
            seed,
            first_day=first_day.date(),
            days=days,
            orders_per_day=orders_per_day,
            products=products,
            faults=faults,
        )
    except (TypeError, ValueError) as error:
        raise typer.BadParameter(str(error)) from error
    paths = write(data, directory, layout=layout.value, file_format=file_format.value)
    Console().print(f"{len(paths)} files in {directory}")


app.command("coinbase")(coinbase_command)
app.command("fhir")(fhir_command)


def register(parent: typer.Typer) -> None:
    parent.add_typer(app, name="simulate")
