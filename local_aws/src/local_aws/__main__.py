"""Command line: ``python -m local_aws serve``."""

from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from local_aws.config import Config

app = typer.Typer(help="An AWS for a laptop.", no_args_is_help=True, add_completion=False)


@app.callback()
def main() -> None:
    """An AWS for a laptop."""


@app.command()
def serve(
    port: Annotated[int | None, typer.Option(help="Port of every service [4566].")] = None,
    state_dir: Annotated[Path | None, typer.Option(help="Folder of what survives [.local_aws].")] = None,
    trino: Annotated[bool | None, typer.Option(help="Run Trino, for Athena [yes].")] = None,
    warm: Annotated[bool | None, typer.Option(help="Keep a Spark JVM warm for Glue jobs [yes].")] = None,
    enforce_iam: Annotated[
        bool | None, typer.Option(help="Let users and roles do only what their policies allow [no].")
    ] = None,
) -> None:
    """Serve AWS on one loopback port until SIGTERM or Ctrl-C.

    Every other setting is an environment variable, LOCAL_AWS_<NAME OF THE SETTING>; see config.py.

    Example: python -m local_aws serve --port 4566 --state-dir .local_aws
    """
    config = _config(port=port, state_dir=state_dir, trino_enabled=trino, warm=warm, enforce_iam=enforce_iam)
    from local_aws.server import ServerError, run  # noqa: PLC0415 - moto takes a second to import: not for --help

    try:
        run(config)
    except ServerError as error:
        typer.echo(f"local_aws: {error}", err=True)
        raise typer.Exit(1) from error


def _config(**flags: object) -> Config:
    try:
        return Config.of(**flags)
    except ValidationError as error:
        wrong = "; ".join(f"{item['loc'][0]}: {item['msg']}" for item in error.errors())
        raise typer.BadParameter(f"The settings do not hold: {wrong}") from error


@app.command()
def archive_classes() -> None:
    """Archive Spark's classes, so that a Spark that starts need not parse them; once after its jars have changed.

    Example: python -m local_aws archive-classes
    """
    from local_aws.glue.class_archive import TrainingError, make  # noqa: PLC0415 - as above

    try:
        typer.echo(make(_config()))
    except (TrainingError, FileNotFoundError) as error:
        typer.echo(f"local_aws: {error}", err=True)
        raise typer.Exit(1) from error


if __name__ == "__main__":
    app()
