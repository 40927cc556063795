"""`lakehouse deploy`."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from lakehouse.cli.failure import CommandError
from lakehouse.operations.deploy import DeployError, deploy
from lakehouse.settings import Settings


def deploy_command(
    project: Annotated[Path, typer.Option(help="The checkout.", exists=True, file_okay=False)] = Path(),
    environment: Annotated[
        Path | None, typer.Option(help="Packed virtual environment of the Glue jobs.", exists=True)
    ] = None,
) -> None:
    """Upload Glue scripts, the wheel and suites to the bucket, and bring the Glue jobs up to date.

    Example: `lakehouse deploy --environment .cache/glue-environment.tar.gz`
    """
    try:
        wheel = deploy(Settings(), project, environment)
    except DeployError as error:
        raise CommandError(str(error)) from error
    Console().print(f"Glue jobs run {wheel}")


def register(app: typer.Typer) -> None:
    app.command("deploy")(deploy_command)
