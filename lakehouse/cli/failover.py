"""`lakehouse failover`."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from lakehouse.cli.arguments import require_domain
from lakehouse.cli.console import output as console
from lakehouse.cli.replica import Domain, whole_manifest
from lakehouse.cli.settings import read_settings
from lakehouse.cli.tables import show
from lakehouse.operations.athena import Result
from lakehouse.operations.deliveries import deliver_again, put_away_since


def failover_command(
    domain: Domain,
    apply: Annotated[bool, typer.Option("--apply", help="Do it.")] = False,
) -> None:
    """Go on with the replica, where its settings are in force: `ECOM_S3_BUCKET_NAME` names a bucket of the replicas.

    Replication into the buckets ends, every table goes to the newest run that arrived whole, and what was delivered
    after it is delivered again. Without `--apply` only show it.

    Example: `lakehouse failover ecommerce --apply`
    """
    from lakehouse.operations import replica  # noqa: PLC0415 - reads Parquet, which no other command waits for

    require_domain(domain)
    buckets = read_settings().buckets(domain)
    if apply:
        replica.fence(buckets)
    manifest = whole_manifest(buckets, domain)
    later = sum(replica.entries_after(buckets, manifest).values())
    again = put_away_since(buckets, domain, manifest.published_at)
    if apply:
        replica.go_to(buckets, manifest)
        deliver_again(again)
    age = datetime.now(UTC).replace(microsecond=0) - manifest.published_at
    row: list[str | None] = [
        manifest.run_id,
        manifest.published_at.isoformat(),
        str(age),
        str(later),
        f"{len(again)} files",
    ]
    columns = ["goes to run", "published", "age", "later entries of logs", "delivered again"]
    show(Result(columns, [row]), title=f"{domain}: failover")
    if not apply:
        console().print("Nothing is changed. Repeat with --apply.")


def register(app: typer.Typer) -> None:
    app.command("failover")(failover_command)
