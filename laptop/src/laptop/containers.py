"""The stack where a container runs each part: ``python -m laptop.containers``.

The parts, their settings and what is provisioned are those of ``lakehouse up``; who starts them, in which order, and
whether they are well, is told to docker-compose.yaml.
"""

import os
import subprocess
from collections.abc import Callable
from typing import Annotated

import typer

from laptop.layout import Layout

app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False)

_AIRFLOW = "airflow-"


@app.command()
def part(name: Annotated[str, typer.Argument(help="`aws`, or such as `airflow-scheduler`.")]) -> None:
    """Become a part of the stack: this process is it from now on."""
    command, environment = _of(name, Layout())
    os.execvpe(command[0], command, {**os.environ, **environment})  # noqa: S606 - a fixed list of words


def _of(name: str, layout: Layout) -> tuple[list[str], dict[str, str]]:
    from laptop import airflow, aws  # noqa: PLC0415 - health checks come every few seconds and need one of them

    if name == aws.NAME:
        return aws.command(layout), aws.environment(layout)
    if name.removeprefix(_AIRFLOW) in airflow.PARTS:
        return airflow.command(name.removeprefix(_AIRFLOW)), airflow.environment(layout)
    raise typer.BadParameter(f"{name} is no part: aws, {', '.join(_AIRFLOW + p for p in airflow.PARTS)}")


@app.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
def call(
    words: Annotated[list[str], typer.Argument(help="A command, such as `lakehouse run ecommerce`.")],
) -> None:
    """Become a command that reaches the stack as any AWS client does."""
    os.execvpe(words[0], words, {**os.environ, **Layout().client_environment()})  # noqa: S606 - the user's own words


@app.command()
def migrate() -> None:
    """Make the keys that all parts share, and create or upgrade Airflow's database."""
    from laptop import airflow  # noqa: PLC0415 - as above

    environment = {**os.environ, **airflow.environment(Layout())}
    done = subprocess.run([*airflow.command("db"), "migrate"], check=False, env=environment)
    raise typer.Exit(done.returncode)


@app.command()
def provision() -> None:
    """Make what the lakehouse needs of the account, and deploy; the services answer already."""
    from laptop.provision import provision as make  # noqa: PLC0415 - as above

    make(Layout(), typer.echo)


@app.command()
def pools() -> None:
    """Make Airflow's pools, or bring their sizes up to date; the API answers already."""
    from lakehouse.operations.pools import pools as of_contracts  # noqa: PLC0415 - as above
    from laptop import airflow  # noqa: PLC0415 - as above

    airflow.ensure_pools(Layout(), of_contracts())


@app.command()
def healthy(
    name: Annotated[str, typer.Argument(help="A part; of the services of `aws`, all but Athena.")],
) -> None:
    """End with 0 if a part is well, else say why not."""
    states = _health(name)(Layout())
    ill = [f"{service} {state}" for service, state in states.items() if state not in {"ready", "disabled"}]
    if ill or not states:
        typer.echo(", ".join(ill) or "no answer")
        raise typer.Exit(1)


def _health(name: str) -> Callable[[Layout], dict[str, str]]:
    from laptop import airflow, aws  # noqa: PLC0415 - as above

    def of_aws(layout: Layout) -> dict[str, str]:
        # Trino takes longest to start, and a query waits for it by itself.
        return {service: state for service, state in aws.health(layout).items() if service != "athena"}

    def of_airflow(layout: Layout) -> dict[str, str]:
        found = airflow.health(layout)
        own = name.removeprefix(_AIRFLOW)
        return {own: found.get(own, "unknown")} if found else {}

    return of_aws if name == aws.NAME else of_airflow


if __name__ == "__main__":
    app()
