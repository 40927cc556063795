"""``python -m laptop``: the commands without the rest of ``lakehouse``."""

import sys

import typer

from laptop import chaos, commands
from laptop.failure import StackError

app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False)
for command in (commands.up, commands.down, commands.status, commands.env, commands.doctor):
    app.command(command.__name__)(command)
app.add_typer(chaos.app, name="chaos")

if __name__ == "__main__":
    try:
        app()
    except StackError as error:
        typer.echo(f"error: {error}", err=True)
        sys.exit(error.exit_code)
