"""`lakehouse deploy` and `lakehouse rollback`."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from lakehouse.cli.failure import CommandError
from lakehouse.cli.settings import read_settings
from lakehouse.operations.artifacts.failure import ArtifactsError
from lakehouse.operations.deploy import LOG_STORE, PACKED_ENVIRONMENTS, DeployError, build_wheel, deploy
from lakehouse.operations.deployment.switch import deploy_build, roll_back
from lakehouse.settings import Settings

EnvironmentOption = Annotated[
    str | None, typer.Option("--env", help="Go on only where the settings are this environment's.")
]


def deploy_command(
    project: Annotated[Path, typer.Option(help="The checkout.", exists=True, file_okay=False)] = Path(),
    build: Annotated[
        Path | None,
        typer.Option(help="What `make dist` built, instead of the checkout's files.", exists=True),
    ] = None,
    environment: Annotated[
        Path | None,
        typer.Option(help="Packed environment of the Glue jobs; default: what setup packed.", exists=True),
    ] = None,
    env: EnvironmentOption = None,
) -> None:
    """Have the Glue jobs, and MWAA where there is one, run what is here.

    A build goes below its commit and is switched to as a whole; where that fails, what ran before runs again.
    Without `--build` the checkout's files are uploaded as they are, which is for a laptop.

    Examples:
    - `lakehouse deploy`

    - `lakehouse deploy --build dist/mwaa/<commit> --env prod`
    """
    settings = _settings(env)
    packed = sorted(project.glob(PACKED_ENVIRONMENTS))
    try:
        if build:
            version = deploy_build(settings, build, (project / PACKED_ENVIRONMENTS).parent)
            Console().print(f"{settings.environment} runs {version}")
            return
        build_wheel(project)
        wheel = deploy(
            settings, project, project / LOG_STORE, environment or (packed[-1] if packed else None)
        )
    except (ArtifactsError, DeployError) as error:
        raise CommandError(str(error)) from error
    Console().print(f"Glue jobs run {wheel}")


def rollback_command(
    to: Annotated[
        str | None, typer.Option(help="The commit of a build; default: the one before the current.")
    ] = None,
    env: EnvironmentOption = None,
) -> None:
    """Have the Glue jobs, and MWAA where there is one, run an earlier build.

    Example: `lakehouse rollback --env prod`
    """
    settings = _settings(env)
    try:
        version = roll_back(settings, to)
    except DeployError as error:
        raise CommandError(str(error)) from error
    Console().print(f"{settings.environment} runs {version}")


def _settings(env: str | None) -> Settings:
    settings = read_settings()
    if env not in {None, settings.environment}:
        raise CommandError(
            f"the settings here are of {settings.environment}, not of {env}: set those of {env}, "
            f"such as with `make infra-deploy ENVIRONMENT={env}`"
        )
    return settings


def register(app: typer.Typer) -> None:
    app.command("deploy")(deploy_command)
    app.command("rollback")(rollback_command)
