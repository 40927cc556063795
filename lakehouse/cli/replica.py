"""`lakehouse replica`."""

from typing import Annotated

import typer

from lakehouse.address import bucket_of
from lakehouse.cli.arguments import require_domain
from lakehouse.cli.console import errors
from lakehouse.cli.failure import CommandError
from lakehouse.cli.settings import read_settings
from lakehouse.cli.tables import OutputFormat, show
from lakehouse.operations.athena import Result
from lakehouse.operations.manifests import Manifest, NoManifestError, read_manifest
from lakehouse.operations.replica_names import SUFFIX, replicas

Domain = Annotated[str, typer.Argument(help="Such as `ecommerce`.")]
Suffix = Annotated[str, typer.Option(help="What the names of the replicas' buckets end in.")]


def replica_command(
    domain: Domain,
    suffix: Suffix = SUFFIX,
    output: Annotated[OutputFormat, typer.Option("--format", help="How to print it.")] = OutputFormat.table,
) -> None:
    """Show up to which run the copy in another region is whole: every commit is there, and every file that it names.

    Fails where there is no such run.

    Example: `lakehouse replica ecommerce`
    """
    require_domain(domain)
    settings = read_settings()
    try:
        newest = read_manifest(settings, domain)
    except NoManifestError as error:
        raise CommandError(str(error)) from error
    whole = whole_manifest(replicas(settings.buckets(domain), suffix), domain)
    behind = newest.published_at - whole.published_at
    row: list[str | None] = [newest.run_id, whole.run_id, str(behind) if behind else "not"]
    show(Result(["newest run", "whole in the replica", "behind"], [row]), output, title=f"{domain}: replica")


def whole_manifest(buckets: dict[str, str], domain: str) -> Manifest:
    """The newest manifest whose tables can be read, told of those that cannot; raises CommandError."""
    from lakehouse.operations.replica import copies  # noqa: PLC0415 - reads Parquet, which no other command waits for

    for copy in copies(buckets, domain):
        if not copy.missing:
            return copy.manifest
        for address, names in copy.missing.items():
            what = (
                names[0] if len(names) == 1 else f"{len(names)} files have not arrived, {names[0]} among them"
            )
            errors().print(f"{copy.manifest.run_id}: {address}: {what}", highlight=False)
    raise CommandError(
        f"s3://{bucket_of('metadata', buckets)} holds no whole run of {domain}: look at its replication; what raw/ "
        "holds can be loaded anew"
    )


def register(app: typer.Typer) -> None:
    app.command("replica")(replica_command)
