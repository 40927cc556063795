"""`lakehouse repair`."""

from typing import Annotated

import typer

from lakehouse.address import Address
from lakehouse.cli.arguments import require_domain, table_address
from lakehouse.cli.console import output as console
from lakehouse.cli.failure import CommandError
from lakehouse.cli.settings import read_settings
from lakehouse.cli.tables import show
from lakehouse.contract import stored_tables
from lakehouse.operations.athena import Result
from lakehouse.storage.objects.paths import split_uri


def repair_command(
    what: Annotated[str, typer.Argument(help="A domain, or the full address of one table.")],
    apply: Annotated[bool, typer.Option("--apply", help="Bring back what S3 still keeps.")] = False,
) -> None:
    """Find objects that tables lost, and bring back the versions that S3 keeps. Without `--apply` only show them.

    Looked for are deleted or overwritten commits and checkpoints of the log, and data files of the newest version.

    Examples:
    - `lakehouse repair ecommerce`

    - `lakehouse repair ecommerce.gold.daily_sales --apply`
    """
    settings = read_settings()
    domain = what.partition(".")[0]
    require_domain(domain)
    addresses = (
        [a for a, _ in stored_tables(domain)] if "." not in what else [table_address(what, layer="gold")]
    )
    places = {address: address.uri(settings.buckets(domain)) for address in addresses}
    found = [row for address, uri in places.items() for row in _repaired(address, uri, apply=apply)]
    if not found:
        console().print(f"{what}: {len(addresses)} tables looked at, nothing is lost.")
        return
    show(Result(["table", "object", "what", "repair"], found), title=f"{what}: lost objects")
    if gone := sorted({str(row[0]) for row in found if row[3] == _GONE}):
        raise CommandError(
            f"S3 keeps no version of some objects of {', '.join(gone)}: go back with `lakehouse restore`, or make "
            f"silver and gold anew from bronze with `lakehouse run {domain} --full-refresh`"
        )
    if not apply:
        console().print("Nothing is changed. Repeat with --apply.")


_GONE = "no version is kept"


def _repaired(address: Address, uri: str, *, apply: bool) -> list[list[str | None]]:
    from lakehouse.storage import repair  # noqa: PLC0415 - reads Parquet, which no other command waits for

    of_log = repair.log_losses(uri)
    if apply:
        repair.bring_back(uri, of_log)
    # Which files the table consists of is only told by a log that is whole.
    is_whole = not of_log or (apply and all(loss.version_id for loss in of_log))
    of_data = repair.data_losses(uri) if is_whole else []
    if apply:
        repair.bring_back(uri, of_data)
    prefix = split_uri(f"{uri}/")[1]
    return [
        [str(address), loss.key.removeprefix(prefix), loss.what, _outcome(loss.version_id, apply=apply)]
        for loss in (*of_log, *of_data)
    ]


def _outcome(version_id: str | None, *, apply: bool) -> str:
    if version_id is None:
        return _GONE
    return "brought back" if apply else "can be brought back"


def register(app: typer.Typer) -> None:
    app.command("repair")(repair_command)
