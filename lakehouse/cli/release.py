"""`lakehouse release`."""

from typing import Annotated, Literal

import typer

from lakehouse.address import Address
from lakehouse.cli.arguments import key_safe, table_address
from lakehouse.cli.console import output as console
from lakehouse.cli.dag_run import run_dag
from lakehouse.cli.failure import CommandError
from lakehouse.cli.settings import read_settings
from lakehouse.cli.tables import show
from lakehouse.operations.athena import QueryError, Result, query
from lakehouse.release import Release

_POSITIONS = 10


def release_command(
    table: Annotated[str, typer.Argument(help="`ecommerce.order_items`, or the silver address.")],
    rule: Annotated[
        str | None, typer.Option(help="The rule that they broke, such as `type:total_amount`.")
    ] = None,
    category: Annotated[
        Literal["schema", "quality", "referential"] | None, typer.Option(help="The kind of rule.")
    ] = None,
    file: Annotated[
        str | None, typer.Option(help="The file that they came from: its URI or its name.")
    ] = None,
    run_id: Annotated[str | None, typer.Option(help="The run that rejected them.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what is selected.")] = False,
) -> None:
    """Judge rejected rows again, after a rule, a contract or a reference was corrected and deployed.

    Those that pass now move to silver, and gold follows; the others stay, each with the rule that it breaks now.

    Examples:
    - `lakehouse release ecommerce.orders --rule type:total_amount --dry-run`

    - `lakehouse release ecommerce.order_items --file order_items_2025-04-03.csv`
    """
    address = table_address(table, layer="silver")
    if address.layer not in {"silver", "rejected"}:
        raise CommandError(f"{address} has no rejected rows: name a table of silver")
    rejected = address.at("rejected")
    release = Release(
        table=address.table,
        rule=rule,
        category=category,
        file=file,
        run_id=key_safe(run_id) if run_id else None,
    )
    selected = _ask(address, _by_rule(rejected, release))
    if not selected.rows:
        raise CommandError(
            f"no row of {rejected} is selected; see what there is with "
            f"`lakehouse rejected {address.domain}.{address.table}`"
        )
    show(selected, title=f"{rejected}: selected rows by rule")
    if dry_run:
        show(
            _ask(address, _positions(rejected, release)),
            title=f"The first {_POSITIONS} by place in the source",
        )
        console().print(
            "Nothing is released. Correct the rule, the contract or the reference, `lakehouse deploy`, "
            "then repeat this command without --dry-run."
        )
        return
    run = run_dag(console(), address.domain, {"release": release.model_dump(exclude_none=True)})
    show(
        _ask(address, _by_rule(rejected, Release(table=address.table))),
        title=f"{rejected}: all rows by rule, now",
    )
    console().print(str(run))


def _ask(address: Address, sql: str) -> Result:
    try:
        return query(sql, read_settings(), domain=address.domain)
    except QueryError as error:
        raise CommandError(f"Athena: {error}; has a run published silver and registered it?") from error


def _by_rule(rejected: Address, release: Release) -> str:
    source = f"{rejected.database}.{rejected.table}{_where(release)}"
    return f"SELECT category, rule, COUNT(*) AS row_count FROM {source} GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2"  # noqa: S608


def _positions(rejected: Address, release: Release) -> str:
    columns = "rule, _source_file AS file, _source_sheet AS sheet, _source_row AS row"
    source = f"{rejected.database}.{rejected.table}{_where(release)}"
    return (
        f"SELECT {columns} FROM {source} ORDER BY _source_file, _source_sheet, _source_row LIMIT {_POSITIONS}"  # noqa: S608
    )


def _where(release: Release) -> str:
    """The selection as the engine makes it (`lakehouse/steps/judged_again.py`)."""
    conditions = [
        f"{column} = {_text(value)}"
        for column in ("rule", "category", "run_id")
        if (value := getattr(release, column)) is not None
    ]
    if release.file is not None:
        name = _text(release.file)
        conditions.append(f"(_source_file = {name} OR element_at(split(_source_file, '/'), -1) = {name})")
    return f" WHERE {' AND '.join(conditions)}" if conditions else ""


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def register(app: typer.Typer) -> None:
    app.command("release")(release_command)
