"""Where setup puts things, all of it under the checkout."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ROOT / "locks"
CACHE = Path(os.environ.get("LAKEHOUSE_CACHE_DIR") or ROOT / ".cache")

JARS = CACHE / "jars"
TRINO = CACHE / "trino"
GLUE_ENVIRONMENTS = CACHE / "glue-environment"
LOGS = CACHE / "logs"

AIRFLOW_VENV = ROOT / ".venv"
GLUE_VENV = ROOT / ".venv-glue"


class SetupError(Exception):
    """What went wrong, where, and what to do next, in a sentence for the terminal."""


def python_of(venv: Path) -> Path:
    """Interpreter of a virtual environment."""
    return venv / "bin" / "python"


def capture(
    command: list[str], environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end and keep what it says, whatever its exit code."""
    return subprocess.run(command, check=False, capture_output=True, text=True, env=environment)


def last_line(text: str) -> str:
    """The line in which most programs say why they failed."""
    return (text.strip().splitlines() or ["no reason given"])[-1]


def tail(log: Path, lines: int = 12) -> str:
    """Last lines of a log, indented for a message."""
    return "\n".join("    " + line for line in log.read_text(errors="replace").splitlines()[-lines:])
