"""`lakehouse failback`."""

from typing import Annotated

import typer

from lakehouse.cli.arguments import require_domain
from lakehouse.cli.console import output as console
from lakehouse.cli.replica import Domain, Suffix, whole_manifest
from lakehouse.cli.settings import read_settings
from lakehouse.cli.tables import show
from lakehouse.operations.athena import Result
from lakehouse.operations.deliveries import archived_only_in, copy_shelves, deliver_again
from lakehouse.operations.replica_names import SUFFIX, replicas


def failback_command(
    domain: Domain,
    suffix: Suffix = SUFFIX,
    apply: Annotated[bool, typer.Option("--apply", help="Do it.")] = False,
    again: Annotated[
        bool, typer.Option("--deliver-again", help="Deliver again what only this region took in.")
    ] = False,
) -> None:
    """Go back to the first region, where its settings are in force: its tables become those of the replica.

    What this region alone had taken in before it was lost stays in `raw/archive/`, unless it is delivered again; it
    then counts as delivered now. Pause the DAGs of both regions before. Without `--apply` only show it.

    Example: `lakehouse failback ecommerce --apply --deliver-again`
    """
    require_domain(domain)
    here = read_settings().buckets(domain)
    there = replicas(here, suffix)
    manifest = whole_manifest(there, domain)
    only_here = archived_only_in(domain, here, there)
    if apply:
        _go_back(domain, there, here)
        deliver_again(only_here if again else [])
    for one in only_here:
        console().print(f"only here: s3://{one.bucket}/{one.key}", highlight=False)
    row: list[str | None] = [manifest.run_id, f"{len(only_here)} files"]
    show(Result(["becomes run", "taken in only here"], [row]), title=f"{domain}: failback")
    if not apply:
        console().print("Nothing is changed. Repeat with --apply.")


def _go_back(domain: str, there: dict[str, str], here: dict[str, str]) -> None:
    from lakehouse.operations import replica  # noqa: PLC0415 - reads Parquet, which no other command waits for

    replica.mirror_tables(domain, there, here)
    copy_shelves(domain, there, here)
    replica.lift_fence(there)


def register(app: typer.Typer) -> None:
    app.command("failback")(failback_command)
