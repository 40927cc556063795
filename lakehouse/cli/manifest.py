"""`lakehouse manifest`."""

import json
import sys
from typing import Annotated

import typer

from lakehouse.cli.arguments import key_safe, require_domain
from lakehouse.cli.console import output as console
from lakehouse.cli.failure import CommandError
from lakehouse.cli.settings import read_settings
from lakehouse.cli.tables import OutputFormat, show
from lakehouse.operations.athena import Result
from lakehouse.operations.manifests import Manifest, NoManifestError, read_manifest


def manifest_command(
    domain: Annotated[str, typer.Argument(help="Such as `ecommerce`.")],
    run: Annotated[str | None, typer.Option(help="Run id; by default the latest that wrote one.")] = None,
    output: Annotated[
        OutputFormat, typer.Option("--format", help="How to print the versions.")
    ] = OutputFormat.table,
) -> None:
    """Show which Delta version of every table belong together: those of the latest publish manifest.

    Example: `lakehouse manifest ecommerce --format json`
    """
    require_domain(domain)
    try:
        manifest = read_manifest(read_settings(), domain, key_safe(run) if run else None)
    except NoManifestError as error:
        raise CommandError(str(error)) from error
    if output is OutputFormat.json:
        versions = {str(table.address): table.version for table in manifest.tables}
        document = {"domain": manifest.domain, "run_id": manifest.run_id, "tables": versions}
        sys.stdout.write(json.dumps(document, indent=2) + "\n")
        return
    rows: list[list[str | None]] = [
        [str(table.address), str(table.version), table.uri] for table in manifest.tables
    ]
    show(Result(["table", "version", "uri"], rows), output, title=f"{domain}: published by {manifest.run_id}")
    if output is OutputFormat.table:
        _show_how_to_read(manifest)


def _show_how_to_read(manifest: Manifest) -> None:
    example = manifest.tables[-1]
    lines = (
        "Read all tables at these versions and they agree, whatever is published meanwhile:",
        f"  Spark     SELECT * FROM delta.`{example.uri}` VERSION AS OF {example.version}",  # noqa: S608
        f'  delta-rs  DeltaTable("{example.uri}", version={example.version})',
    )
    for line in lines:
        console().print(line, highlight=False, markup=False, soft_wrap=True)


def register(app: typer.Typer) -> None:
    app.command("manifest")(manifest_command)
