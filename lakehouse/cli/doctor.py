"""`lakehouse doctor`: what is wrong, with the remedy; on this machine, or with artifacts for MWAA."""

from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

from lakehouse.cli.failure import CommandError
from lakehouse.operations.artifacts.build import OUTPUT
from lakehouse.operations.artifacts.failure import ArtifactsError
from lakehouse.operations.artifacts.manifest import FILE

if TYPE_CHECKING:
    from lakehouse.operations.mwaa.checks import Check

MACHINE = "lakehouse.doctor"
"""Entry points: functions without arguments that check this machine, and raise `typer.Exit(1)` where it is not well."""

LOCK = Path("locks/airflow.txt")


def doctor_command(
    build: Annotated[
        Path | None,
        typer.Argument(
            help="With --mwaa: a folder that `make dist` built; default: the latest.", file_okay=False
        ),
    ] = None,
    mwaa: Annotated[bool, typer.Option("--mwaa", help="Check artifacts for MWAA.")] = False,
    constraints: Annotated[
        Path, typer.Option(help="Airflow's constraints, or a lock made under them.", dir_okay=False)
    ] = LOCK,
    report: Annotated[
        Path | None, typer.Option(help="Write what parsing took there, as JSON.", dir_okay=False)
    ] = None,
) -> None:
    """Check this machine, or with --mwaa what would be uploaded; every problem comes with its remedy.

    Examples:
    - `lakehouse doctor`

    - `lakehouse doctor --mwaa`

    The exit code is 1 if something must be mended.
    """
    if mwaa:
        _check_artifacts(build or _latest(), constraints, report)
    elif build:
        raise CommandError("a build is checked with --mwaa: `lakehouse doctor --mwaa <folder>`")
    else:
        _check_machine()


def _check_machine() -> None:
    checks = entry_points(group=MACHINE)
    if not checks:
        raise CommandError("no stack is installed here to check; artifacts are checked with --mwaa")
    for entry in checks:
        entry.load()()


def _latest() -> Path:
    builds = sorted(OUTPUT.glob(f"[!.]*/{FILE}"), key=lambda path: path.stat().st_mtime)
    if not builds:
        raise CommandError(f"{OUTPUT} holds no build: run `make dist`, or name a folder")
    return builds[-1].parent


def _check_artifacts(build: Path, constraints: Path, report: Path | None) -> None:
    # Only this check needs `packaging`.
    from lakehouse.operations.mwaa import checks, requirements  # noqa: PLC0415

    try:
        pins = requirements.read_pins(constraints)
    except OSError as error:
        raise CommandError(
            f"{constraints} cannot be read: start in the checkout's folder, or name --constraints"
        ) from error
    found = checks.check_files(build, pins)
    try:
        parsed = checks.load(build)
    except ArtifactsError as error:
        found.append(checks.Check("the DAGs can be loaded", (str(error),)))
    else:
        found += checks.check_parsing(parsed)
        if report:
            report.parent.mkdir(parents=True, exist_ok=True)
            report.write_text(parsed.model_dump_json(indent=2) + "\n", encoding="utf-8")
    _show(build, found)


def _show(build: Path, found: list["Check"]) -> None:
    console = Console(highlight=False, soft_wrap=True)
    console.print(escape(str(build)))
    for check in found:
        console.print(f"{'[red]✗[/]' if check.problems else '[green]✓[/]'} {check.what}")
        for problem in check.problems:
            console.print(f"    {escape(problem)}")
    if any(check.problems for check in found):
        raise typer.Exit(1)


def register(app: typer.Typer) -> None:
    app.command("doctor")(doctor_command)
