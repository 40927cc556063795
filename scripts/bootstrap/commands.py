"""The commands of setup, as the Makefile calls them."""

from __future__ import annotations

import argparse
import time

from scripts.bootstrap import (
    class_archive,
    environments,
    glue_environment,
    ivy,
    lock,
    log_store,
    prerequisites,
)
from scripts.bootstrap.layout import ROOT, SetupError
from scripts.bootstrap.progress import Progress
from scripts.bootstrap.schedule import run
from scripts.bootstrap.uv import find_uv


def main(arguments: list[str]) -> int:
    """Carry one command out; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        if options.command == "lock":
            lock.write_locks(find_uv(), options.constraints)
        elif options.command == "airflow":
            environments.AIRFLOW_ENVIRONMENT.install(find_uv())
            environments.AIRFLOW_ENVIRONMENT.add(find_uv(), environments.POSTGRES)
        elif options.command == "environment":
            print(glue_environment.pack(find_uv(), options.platform))
        elif options.command == "container":
            setup(with_archive=False)
        else:
            setup()
    except SetupError as problem:
        print(f"\n{problem}")
        return 1
    except KeyboardInterrupt:
        print("\nStopped. Run make setup again to go on from here.")
        return 130
    return 0


def setup(*, with_archive: bool = True) -> None:
    """Bring everything that is missing or has changed.

    Args:
        with_archive: Also archive Spark's classes, which takes a run of Spark and a quarter of a gigabyte.

    Raises:
        SetupError: A prerequisite is missing or a step failed.
    """
    started = time.monotonic()
    prerequisites.check()
    uv = find_uv()
    steps = [
        *environments.steps(uv),
        *ivy.steps(environments.GLUE, environments.AIRFLOW),
        *glue_environment.steps(uv, environments.GLUE),
        *(class_archive.steps(environments.AIRFLOW) if with_archive else ()),
        *log_store.steps(),
    ]
    if run(steps, Progress()):
        print(f"Set up in {time.monotonic() - started:.0f} s. The command is {ROOT}/.venv/bin/lakehouse")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python3 -m scripts.bootstrap", description=__doc__)
    commands = parser.add_subparsers(dest="command")
    commands.add_parser("setup", help="bring environments, jars and Trino (the default)")
    commands.add_parser("airflow", help="bring only Airflow, with drivers of PostgreSQL: for a container")
    commands.add_parser("container", help="bring all but the archive of Spark's classes: for a container")
    locks = commands.add_parser("lock", help="write the locks anew")
    locks.add_argument(
        "--constraints",
        default=lock.AIRFLOW_CONSTRAINTS,
        help="Airflow's constraints for Python 3.12, a path or a URL (default: %(default)s)",
    )
    environment = commands.add_parser("environment", help="pack Glue's environment for a platform")
    environment.add_argument(
        "--platform",
        default=glue_environment.GLUE_PLATFORM,
        help="wheels to take, as uv's --python-platform names them (default: Glue's, %(default)s)",
    )
    return parser
