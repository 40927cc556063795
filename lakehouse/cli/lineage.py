"""`lakehouse lineage`."""

from collections.abc import Callable
from typing import Annotated

import typer
from rich.tree import Tree

from lakehouse.address import Address
from lakehouse.cli.arguments import table_address
from lakehouse.cli.console import output as console
from lakehouse.lineage import downstream, upstream


def lineage_command(
    table: Annotated[str, typer.Argument(help="An address; `ecommerce.orders` is the silver one.")],
) -> None:
    """Show what a table is made from, and what is made from it, by the contracts.

    Example: `lakehouse lineage ecommerce.gold.daily_sales`
    """
    address = table_address(table, layer="silver")
    for title, step in (("is made from", upstream), ("goes into", downstream)):
        console().print(_grown(Tree(f"{address} [bold]{title}[/]"), address, step))


def _grown(tree: Tree, address: Address, step: Callable[[Address], list[Address]]) -> Tree:
    for neighbour in step(address):
        _grown(tree.add(str(neighbour)), neighbour, step)
    return tree


def register(app: typer.Typer) -> None:
    app.command("lineage")(lineage_command)
