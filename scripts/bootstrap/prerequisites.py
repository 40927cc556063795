"""Check first what setup cannot bring itself."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from scripts.bootstrap.layout import SetupError

JAVA_VERSIONS = (17, 21)
"""Java that Spark 4.1 runs on; Glue 6.0 has 17."""

_INSTALL_JAVA = (
    "install Java 17 (Debian, Ubuntu: apt-get install openjdk-17-jre-headless; Fedora: dnf install "
    "java-17-openjdk-headless; macOS: brew install openjdk@17) or point JAVA_HOME at one"
)
_INSTALL_MAKE = (
    "install make (Debian, Ubuntu: apt-get install make; Fedora: dnf install make; "
    "macOS: xcode-select --install)"
)


def check() -> None:
    """Name everything that is missing, each with its install command.

    Raises:
        SetupError: Something is missing.
    """
    missing = [problem for problem in (_java_problem(), _make_problem()) if problem]
    if missing:
        raise SetupError("Before setup: " + "\n              ".join(missing))


def java() -> str:
    """Command that starts Java: the one of JAVA_HOME, else the path's."""
    home = os.environ.get("JAVA_HOME")
    return str(Path(home, "bin", "java")) if home else "java"


def _java_problem() -> str | None:
    try:
        answer = subprocess.run([java(), "-version"], capture_output=True, text=True, check=True).stderr
    except (OSError, subprocess.CalledProcessError):
        where = "JAVA_HOME has no working bin/java" if os.environ.get("JAVA_HOME") else "Java is missing"
        return f"{where}: {_INSTALL_JAVA}."
    version = re.search(r'version "(?:1\.)?(\d+)', answer)  # Java 8 calls itself 1.8
    major = int(version.group(1)) if version else 0
    if major not in JAVA_VERSIONS:
        return f"Java {major or '(version unknown)'} is on the path, Spark needs Java 17: {_INSTALL_JAVA}."
    return None


def _make_problem() -> str | None:
    return None if shutil.which("make") else f"make is missing: {_INSTALL_MAKE}."
