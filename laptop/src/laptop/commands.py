"""The commands that a laptop adds to ``lakehouse``."""

import shlex
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from laptop import airflow, aws, checks, processes, stack
from laptop.failure import StackError
from laptop.layout import Layout
from laptop.record import Record, load

_MB = 1_000_000


def up(
    *,
    airflow_: Annotated[
        bool | None, typer.Option("--airflow/--no-airflow", help="Start Airflow as well.", show_default="yes")
    ] = None,
    provision: Annotated[
        bool | None,
        typer.Option(
            "--provision/--no-provision",
            help="Make buckets, role, queue and jobs, or leave that to Terraform or CloudFormation.",
            show_default="yes",
        ),
    ] = None,
    arrivals: Annotated[
        bool | None, typer.Option("--arrivals", help="Files that arrive under raw/ start runs by themselves.")
    ] = None,
    enforce_iam: Annotated[
        bool | None,
        typer.Option(
            "--enforce-iam", help="Airflow and the jobs may do only what the policies of their roles allow."
        ),
    ] = None,
    port: Annotated[int | None, typer.Option(help="Port of the embedded AWS.", show_default="4566")] = None,
    trino_port: Annotated[int | None, typer.Option(help="Port of Trino.", show_default="8085")] = None,
    airflow_port: Annotated[int | None, typer.Option(help="Port of Airflow.", show_default="8080")] = None,
) -> None:
    """Start the lakehouse on this machine: an AWS, Airflow, and all that a run needs. Repeatable.

    Examples:
    - `lakehouse up`

    - `lakehouse up --port 14566 --airflow-port 18080`
    """
    given = {
        "with_airflow": airflow_,
        "with_provision": provision,
        "arrivals": arrivals,
        "enforce_iam": enforce_iam,
        "aws_port": port,
        "trino_port": trino_port,
        "airflow_port": airflow_port,
    }
    # What is not given comes from the environment (LAKEHOUSE_LAPTOP_…), else from the defaults.
    flags: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    layout = Layout(**flags)
    problems = [found for found in checks.before_up(layout) if found.is_fatal]
    if problems:
        raise StackError("; ".join(f"{found.what}: {found.remedy}" for found in problems))
    console = Console()
    stack.up(layout, console)
    console.print(f"AWS      {layout.endpoint}  (account 123456789012, bucket {layout.bucket})")
    if layout.with_airflow:
        console.print(f"Airflow  {layout.airflow_url}  (no password)")
    console.print(
        'Any AWS client: eval "$(lakehouse env)"    Next: lakehouse run ecommerce --data-dir sample/ecommerce'
    )


def down() -> None:
    """Stop the lakehouse on this machine and leave no process; what is stored stays.

    Example: `lakehouse down`
    """
    was_up = stack.down(Layout())
    Console().print("Stopped; nothing is left running." if was_up else "Nothing was running.")


def status() -> None:
    """Show the parts of the lakehouse on this machine: process, port, memory, health.

    Example: `lakehouse status`. The exit code is 1 if a part is not well or nothing is up.
    """
    record = load(Layout().state_dir)
    if record is None or not any(part.process() for part in record.parts):
        raise StackError("nothing is up; start with `lakehouse up`")
    table, well = _status_table(record)
    Console().print(table)
    if not well:
        raise typer.Exit(1)


def _status_table(record: Record) -> tuple[Table, bool]:
    layout = record.layout
    states = {f"airflow-{part}": state for part, state in airflow.health(layout).items()}
    services = aws.health(layout)
    ill = ", ".join(
        f"{name} {state}" for name, state in services.items() if state not in {"ready", "disabled"}
    )
    states[aws.NAME] = "no answer" if not services else ill or "ready"
    ports = {aws.NAME: layout.aws_port, "airflow-api-server": layout.airflow_port}
    table = Table("part", "pid", "port", "memory", "health", title=None)
    total, well = 0, True
    for part in record.parts:
        running = part.process() is not None
        memory = processes.memory_bytes(processes.members(part))
        state = states.get(part.name, "no answer") if running else "ended"
        total, well = total + memory, well and state == "ready"
        port = str(ports.get(part.name, ""))
        colour = "green" if state == "ready" else "red"
        table.add_row(part.name, str(part.pid), port, _megabytes(memory), f"[{colour}]{state}[/]")
    table.add_section()
    table.add_row("all", "", "", _megabytes(total), "")
    return table, well


def _megabytes(count: int) -> str:
    return f"{count / _MB:.0f} MB"


def env() -> None:
    """Print the variables that let any AWS client and this command reach the lakehouse on this machine.

    Example: `eval "$(lakehouse env)"`, then `aws s3 ls`.
    """
    record = load(Layout().state_dir)
    layout = record.layout if record else Layout()
    for name, value in layout.client_environment().items():
        typer.echo(f"export {name}={shlex.quote(value)}")


def doctor() -> None:
    """Check what the lakehouse on this machine needs; every problem comes with its remedy.

    Example: `lakehouse doctor`. The exit code is 1 if something must be mended.
    """
    console = Console()
    found = checks.all_checks(Layout())
    for finding in found:
        sign = "[red]✗[/]" if finding.is_fatal else "[yellow]![/]"
        console.print(f"{sign} {finding.what}: {finding.remedy}", highlight=False)
    if not found:
        console.print("[green]✓[/] Nothing is wrong.")
    if any(finding.is_fatal for finding in found):
        raise typer.Exit(1)


def environment() -> dict[str, str]:
    """Variables of the stack that is up, for ``lakehouse`` to fall back on; none if nothing is up."""
    record = load(Layout().state_dir)
    if record is None or not any(part.process() for part in record.parts):
        return {}
    return record.layout.client_environment()
