"""`lakehouse restore`."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from lakehouse.cli.arguments import key_safe, require_domain, table_address
from lakehouse.cli.console import output as console
from lakehouse.cli.dag_run import run_dag
from lakehouse.cli.failure import CommandError
from lakehouse.cli.settings import read_settings
from lakehouse.cli.tables import show
from lakehouse.operations.athena import Result
from lakehouse.operations.manifests import Manifest, NoManifestError, Version, manifest_at, read_manifest
from lakehouse.settings import Settings
from lakehouse.storage import delta_log


def restore_command(
    what: Annotated[str, typer.Argument(help="A domain, or the full address of one table.")],
    to: Annotated[
        str,
        typer.Option(
            help="A run id, or a time such as `2026-04-02T06:00`, UTC; of one table also a version."
        ),
    ],
    apply: Annotated[bool, typer.Option("--apply", help="Do it, once somebody approves in Airflow.")] = False,
    reason: Annotated[str, typer.Option(help="Kept with the run, and shown to who approves.")] = "",
) -> None:
    """Bring a domain back to what one run published, or one table to a version. Without `--apply` only show it.

    Examples:
    - `lakehouse restore ecommerce --to 2026-04-02T06:00`

    - `lakehouse restore ecommerce.gold.daily_sales --to 12 --apply`
    """
    settings = read_settings()
    domain = what.partition(".")[0]
    require_domain(domain)
    targets = _targets(settings, what, to)
    changes = {target: delta_log.version(target.uri) for target in targets}
    rows: list[list[str | None]] = [
        [str(target.address), str(now), str(target.version), _undone(target, now)]
        for target, now in changes.items()
    ]
    show(Result(["table", "version", "goes back to", "undone"], rows), title=f"{what}: to {to}")
    versions = {
        str(target.address): target.version for target, now in changes.items() if now != target.version
    }
    if not versions:
        console().print("Every table is at this version: nothing to restore.")
        return
    if not apply:
        console().print("Nothing is restored. Repeat with --apply; somebody then approves it in Airflow.")
        return
    console().print("Waiting for approval: Airflow, Required Actions, task `approve` of the DAG `recovery`.")
    whole = {str(target.address): target.version for target in targets}
    run = run_dag(console(), "recovery", {"domain": domain, "versions": whole, "reason": reason})
    console().print(str(run))


def _targets(settings: Settings, what: str, to: str) -> list[Version]:
    if "." not in what:
        return _manifest(settings, what, to).tables
    address = table_address(what, layer="gold")
    if to.isdigit():
        return [Version(address, int(to), address.uri(settings.buckets(address.domain)))]
    found = [one for one in _manifest(settings, address.domain, to).tables if one.address == address]
    if not found:
        raise CommandError(f"the manifest of {to} does not name {address}")
    return found


def _manifest(settings: Settings, domain: str, to: str) -> Manifest:
    try:
        moment = datetime.fromisoformat(to)
    except ValueError:
        moment = None
    try:
        if moment is None:
            return read_manifest(settings, domain, key_safe(to))
        return manifest_at(settings, domain, moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except NoManifestError as error:
        raise CommandError(str(error)) from error


def _undone(target: Version, now: int | None) -> str:
    """How many commits since then carry data; those that only rewrite files change no row."""
    if now is None or now <= target.version:
        return "none"
    try:
        changed = [v for v in range(target.version + 1, now + 1) if delta_log.changes(target.uri, v - 1, v)]
    except delta_log.LogExpiredError as error:
        raise CommandError(f"{target.address} cannot go back to version {target.version}: {error}") from error
    return f"{len(changed)} commits"


def register(app: typer.Typer) -> None:
    app.command("restore")(restore_command)
