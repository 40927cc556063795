"""`lakehouse deploy`."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from lakehouse.cli.failure import CommandError
from lakehouse.operations.deploy import LOG_STORE, PACKED_ENVIRONMENTS, DeployError, build_wheel, deploy
from lakehouse.settings import Settings


def deploy_command(
    project: Annotated[Path, typer.Option(help="The checkout.", exists=True, file_okay=False)] = Path(),
    environment: Annotated[
        Path | None,
        typer.Option(help="Packed environment of the Glue jobs; default: what setup packed.", exists=True),
    ] = None,
) -> None:
    """Build the wheel, upload it with Glue scripts and suites, and bring the Glue jobs up to date.

    Example: `lakehouse deploy`
    """
    packed = sorted(project.glob(PACKED_ENVIRONMENTS))
    try:
        build_wheel(project)
        wheel = deploy(
            Settings(), project, project / LOG_STORE, environment or (packed[-1] if packed else None)
        )
    except DeployError as error:
        raise CommandError(str(error)) from error
    Console().print(f"Glue jobs run {wheel}")


def register(app: typer.Typer) -> None:
    app.command("deploy")(deploy_command)
