"""The two virtual environments, installed from locks with hashes."""

from __future__ import annotations

import shutil
from pathlib import Path

from scripts.bootstrap import stamps
from scripts.bootstrap.layout import AIRFLOW_VENV, GLUE_VENV, LOCKS, ROOT, python_of
from scripts.bootstrap.schedule import Report, Step
from scripts.bootstrap.uv import find_python, run_logged

AIRFLOW = "Python 3.12 with Airflow"
GLUE = "Python 3.13 with Spark"

_PROJECTS = {AIRFLOW: (".", "local_aws", "laptop"), GLUE: (".",)}
"""Own projects installed editable into each; what they need is in the lock."""


class Environment:
    """One environment: where it is, what it is made from."""

    def __init__(self, name: str, folder: Path, version: str, lock: Path) -> None:
        self.name = name
        self.folder = folder
        self.version = version
        self.lock = lock
        self.projects = [ROOT / project for project in _PROJECTS[name]]

    def made_from(self) -> str:
        """Fingerprint of the lock and of the own projects' declarations."""
        declarations = [project / "pyproject.toml" for project in self.projects]
        # The interpreter's link names this folder: a moved or copied checkout needs new environments.
        return stamps.fingerprint(self.lock, *declarations, self.version, str(self.folder))

    def is_current(self) -> bool:
        """Whether nothing changed since it was installed."""
        return stamps.is_current(self._stamp, self.made_from()) and python_of(self.folder).exists()

    def install(self, uv: Path) -> None:
        """Make the environment equal to its lock, then add the own projects."""
        log = self.folder.name.lstrip(".")
        if not python_of(self.folder).exists():
            shutil.rmtree(self.folder, ignore_errors=True)
            python = find_python(uv, self.version)
            run_logged(uv, log, "venv", "--no-project", "--python", python, str(self.folder))
        variables = {"VIRTUAL_ENV": str(self.folder), "UV_COMPILE_BYTECODE": "1"}
        run_logged(uv, log, "pip", "sync", "--require-hashes", str(self.lock), environment=variables)
        editable = [word for project in self.projects for word in ("--editable", str(project))]
        # The lock holds the build backend: nothing is fetched, nothing is unpinned.
        run_logged(
            uv, log, "pip", "install", "--no-deps", "--no-build-isolation", *editable, environment=variables
        )
        stamps.write(self._stamp, self.made_from())

    def add(self, uv: Path, lock: Path) -> None:
        """Install what a further lock names; the next `install` takes it away again."""
        log = f"{self.folder.name.lstrip('.')}-{lock.stem}"
        variables = {"VIRTUAL_ENV": str(self.folder), "UV_COMPILE_BYTECODE": "1"}
        options = ("--no-deps", "--require-hashes", "--requirements", str(lock))
        run_logged(uv, log, "pip", "install", *options, environment=variables)

    @property
    def _stamp(self) -> Path:
        return self.folder / ".made-from"


AIRFLOW_ENVIRONMENT = Environment(AIRFLOW, AIRFLOW_VENV, "3.12", LOCKS / "airflow.txt")
POSTGRES = LOCKS / "postgres.txt"
"""Drivers of the database that Airflow has in a container, as on MWAA; a laptop has a file."""
GLUE_ENVIRONMENT = Environment(GLUE, GLUE_VENV, "3.13", LOCKS / "glue.txt")


def steps(uv: Path) -> list[Step]:
    """The steps that bring both environments."""

    def bring(environment: Environment) -> Step:
        def install(_report: Report) -> None:
            environment.install(uv)

        return Step(environment.name, environment.is_current, install)

    # Spark's first: its Ivy brings the jars and Trino while Airflow is being installed.
    return [bring(GLUE_ENVIRONMENT), bring(AIRFLOW_ENVIRONMENT)]
