"""`lakehouse`: the front door. Other packages add commands through the entry-point group `lakehouse.commands`."""

import logging
import os
import sys
from importlib.metadata import entry_points

import typer
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.markup import escape

from lakehouse.cli import (
    deploy,
    doctor,
    failback,
    failover,
    lineage,
    manifest,
    plan,
    quality,
    query,
    record,
    rejected,
    release,
    repair,
    replay,
    replica,
    restore,
    run,
    simulate,
    step,
)
from lakehouse.cli.failure import CommandError
from lakehouse.logs import configure_logs

COMMANDS = "lakehouse.commands"
"""Entry points: a function, which becomes a command of that name, or a Typer application, a group of commands."""
ENVIRONMENT = "lakehouse.environment"
"""Entry points: functions without arguments that return environment variables to fall back on."""

app = typer.Typer(
    name="lakehouse",
    help="A lakehouse on S3, Glue, Delta Lake and Athena: run it, ask it, see what it refused.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)
for module in (
    run,
    step,
    query,
    quality,
    rejected,
    release,
    restore,
    replay,
    repair,
    replica,
    failover,
    failback,
    manifest,
    plan,
    lineage,
    deploy,
    doctor,
    record,
    simulate,
):
    module.register(app)
for entry in sorted(entry_points(group=COMMANDS), key=lambda entry: entry.name):
    loaded = entry.load()
    if isinstance(loaded, typer.Typer):
        app.add_typer(loaded, name=entry.name)
    else:
        app.command(entry.name)(loaded)


def main() -> None:
    """Run the command; an error is one sentence with its remedy, never a traceback."""
    level = os.environ.get("LAKEHOUSE_LOG_LEVEL") or "WARNING"
    if sys.stderr.isatty():
        logging.basicConfig(level=level, format="%(message)s")
    else:
        configure_logs(level, sys.stderr)
    for entry in entry_points(group=ENVIRONMENT):
        for name, value in entry.load()().items():
            os.environ.setdefault(name, value)
    error_console = Console(stderr=True, highlight=False)
    try:
        app()
    except CommandError as error:
        error_console.print(f"[red]error:[/] {escape(str(error))}")
        sys.exit(error.exit_code)
    except ClientError as error:
        call, reason = error.operation_name, error.response["Error"]
        error_console.print(
            f"[red]error:[/] AWS refused {call}: {reason['Code']}: {escape(reason.get('Message', ''))}"
        )
        sys.exit(1)
    except BotoCoreError as error:
        remedy = "check credentials and region, or start the laptop's AWS with `lakehouse up`"
        error_console.print(f"[red]error:[/] AWS cannot be reached: {escape(str(error))}; {remedy}")
        sys.exit(1)
