"""Find or bring uv, and through it the two Pythons."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

from scripts.bootstrap.layout import CACHE, LOGS, SetupError, capture, last_line, tail

UV_VERSION = "0.9.0"
"""Oldest uv that is taken from the path; a newer one is brought if there is none."""

_COMPLETE = "import bz2, ctypes, lzma, sqlite3, ssl, venv"
"""What a Python built from source may lack."""

_SHARED_WITH_PIP = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "cert": "SSL_CERT_FILE",
}


def find_uv() -> Path:
    """Take uv from the path, or install it into a private folder with pip.

    Raises:
        SetupError: Neither uv nor a working pip is there.
    """
    private = CACHE / "uv" / "bin" / "uv"
    for candidate in (shutil.which("uv"), Path.home() / ".local/bin/uv", private):
        if candidate and _is_recent(str(candidate)):
            return Path(candidate)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--upgrade", "--no-deps", "--only-binary=:all:"]
    result = capture([*pip, "--target", str(private.parents[1]), f"uv>={UV_VERSION}"])
    if result.returncode or not _is_recent(str(private)):
        raise SetupError(
            f"uv cannot be installed with {sys.executable} -m pip ({last_line(result.stderr)}). Install pip "
            "(Debian, Ubuntu: apt-get install python3-pip) or uv itself, check the connection to the package "
            "registry, and run make setup again."
        )
    return private


def _is_recent(uv: str) -> bool:
    try:
        version = capture([uv, "--version"]).stdout.split()[1]
    except (OSError, IndexError):
        return False
    return _numbers(version) >= _numbers(UV_VERSION)


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".")[:3] if part.isdigit()]


def find_python(uv: Path, version: str) -> str:
    """Find a complete Python of this version (``"3.13"``) or have uv bring one into the checkout.

    Raises:
        SetupError: There is none and uv cannot download one.
    """
    find = [str(uv), "python", "find", "--no-project", "--no-python-downloads", version]
    known = capture(find, uv_environment()).stdout.strip()
    for candidate in [known, *_pythons_of_version_managers(version)]:
        if candidate and capture([candidate, "-c", _COMPLETE]).returncode == 0:
            return candidate
    install = capture([str(uv), "python", "install", "--quiet", version], uv_environment())
    brought = capture(find, uv_environment()).stdout.strip()
    if install.returncode or not brought:
        raise SetupError(
            f"Python {version} is not on this machine and uv could not download it "
            f"({last_line(install.stderr).strip()}). Install it, for example with pyenv install {version} or "
            "the system's packages, and run make setup again."
        )
    return brought


def _pythons_of_version_managers(version: str) -> list[str]:
    """Pythons, newest first, that pyenv and asdf keep; their shims work only for the version in use."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv", "versions")
    asdf = Path.home() / ".asdf" / "installs" / "python"
    places = [place for home in (pyenv, asdf) for place in home.glob(f"{version}*/bin/python{version}")]
    return [str(place) for place in sorted(places, reverse=True)]


def run_logged(uv: Path, log: str, *arguments: str, environment: dict[str, str] | None = None) -> None:
    """Run uv with its words going to ``.cache/logs/<log>.log``.

    Raises:
        SetupError: uv failed; the message carries its last lines.
    """
    LOGS.mkdir(parents=True, exist_ok=True)
    path = LOGS / f"{log}.log"
    variables = {**uv_environment(), **(environment or {})}
    with path.open("w") as output:
        result = subprocess.run(
            [str(uv), *arguments], check=False, stdout=output, stderr=subprocess.STDOUT, env=variables
        )
    if result.returncode:
        raise SetupError(f"uv {' '.join(arguments[:2])} failed; {path} ends:\n{tail(path)}")


def uv_environment() -> dict[str, str]:
    """This process's environment for uv: pip's settings of mirror and certificates hold for uv too."""
    variables = dict(os.environ)
    variables.pop("VIRTUAL_ENV", None)
    variables.setdefault("UV_PYTHON_INSTALL_DIR", str(CACHE / "python"))
    variables.setdefault("UV_HTTP_TIMEOUT", "180")
    for pip_setting, uv_variable in _SHARED_WITH_PIP.items():
        value = _pip_settings().get(pip_setting)
        if value:
            variables.setdefault(uv_variable, value)
    return variables


@lru_cache(maxsize=1)
def _pip_settings() -> dict[str, str]:
    settings = {}
    for line in capture([sys.executable, "-m", "pip", "config", "list"]).stdout.splitlines():
        name, _, value = line.partition("=")
        settings[name.split(".")[-1]] = value.strip("'\"")
    return settings
