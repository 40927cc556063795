"""Archive Spark's classes for local_aws, so that a Spark that starts need not parse and verify them."""

from __future__ import annotations

import os

from scripts.bootstrap import stamps
from scripts.bootstrap.ivy import IVY, JARS_STEP
from scripts.bootstrap.layout import (
    AIRFLOW_VENV,
    CACHE,
    GLUE_VENV,
    JARS,
    LOCKS,
    SetupError,
    capture,
    last_line,
    python_of,
)
from scripts.bootstrap.prerequisites import java
from scripts.bootstrap.schedule import Report, Step

NAME = "Archive of Spark's classes"
ARCHIVE = JARS / "classes.jsa"


def made_from() -> str:
    """Fingerprint of what the JVM compares before it uses an archive: Java, the jars, and where they are."""
    version = capture([java(), "-version"]).stderr
    return stamps.fingerprint(LOCKS / "glue.txt", IVY / "jars.sha256", version, str(JARS), str(GLUE_VENV))


def is_current() -> bool:
    """Whether the archive fits the Java and the jars of now."""
    return ARCHIVE.is_file() and stamps.is_current(CACHE / "classes.made-from", made_from())


def bring(_report: Report) -> None:
    """Run local_aws's training job.

    Raises:
        SetupError: The job failed.
    """
    settings = {"LOCAL_AWS_JARS_DIR": str(JARS), "LOCAL_AWS_GLUE_PYTHON": str(python_of(GLUE_VENV))}
    command = [str(python_of(AIRFLOW_VENV)), "-m", "local_aws", "archive-classes"]
    result = capture(command, {**os.environ, **settings})
    if result.returncode:
        raise SetupError(
            f"Spark does not run here: {last_line(result.stderr)} Run `{' '.join(command)}` to see all of it."
        )
    stamps.write(CACHE / "classes.made-from", made_from())


def steps(airflow: str) -> list[Step]:
    """The step that archives the classes, given the name of the one that brings local_aws."""
    return [Step(NAME, is_current, bring, (JARS_STEP, airflow))]
