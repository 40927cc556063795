"""`lakehouse lineage`."""

from collections.abc import Callable
from typing import Annotated

import typer
from rich.tree import Tree

from lakehouse.address import Address
from lakehouse.cli.arguments import table_address
from lakehouse.cli.console import output as console
from lakehouse.cli.failure import CommandError
from lakehouse.cli.settings import read_settings
from lakehouse.lineage import downstream, upstream
from lakehouse.operations.lineage_events import Dataset, last_run


def lineage_command(
    table: Annotated[str, typer.Argument(help="An address; `ecommerce.orders` is the silver one.")],
    events: Annotated[
        bool, typer.Option("--events", help="Show the last run instead: which versions were made of which.")
    ] = False,
) -> None:
    """Show what a table is made from, and what is made from it, by the contracts.

    Example: `lakehouse lineage ecommerce.gold.daily_sales --events`
    """
    address = table_address(table, layer="silver")
    if events:
        _show_last_run(address)
        return
    for title, step in (("is made from", upstream), ("goes into", downstream)):
        console().print(_grown(Tree(f"{address} [bold]{title}[/]"), address, step))


def _grown(tree: Tree, address: Address, step: Callable[[Address], list[Address]]) -> Tree:
    for neighbour in step(address):
        _grown(tree.add(str(neighbour)), neighbour, step)
    return tree


def _show_last_run(address: Address) -> None:
    found = last_run(read_settings(), address)
    if found is None:
        raise CommandError(
            f"no run has told of {address} yet: events are kept when a run of {address.domain} is over"
        )
    run = Tree(f"{address} [bold]{found.state}[/] at {found.ended}, run {found.run_id}")
    made = run.add(_named(found.output))
    for dataset in found.inputs:
        made.add(_named(dataset))
    console().print(run, soft_wrap=True)


def _named(dataset: Dataset) -> str:
    return dataset.uri if dataset.version is None else f"{dataset.uri} version {dataset.version}"


def register(app: typer.Typer) -> None:
    app.command("lineage")(lineage_command)
