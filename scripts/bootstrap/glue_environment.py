"""Pack the virtual environment that Glue unpacks for every job (``--python-virtual-env``).

Built only from the lock: the same lock gives the same bytes. Byte-compiled, because Great Expectations alone
takes 2.5 s to import compiled and five times that otherwise.
"""

from __future__ import annotations

import gzip
import io
import shutil
import tarfile
from pathlib import Path

from scripts.bootstrap import stamps
from scripts.bootstrap.layout import GLUE_ENVIRONMENTS, GLUE_VENV, LOCKS, SetupError, capture, python_of
from scripts.bootstrap.schedule import Report, Step
from scripts.bootstrap.uv import run_logged

NAME = "Glue's packed environment"
LOCK = LOCKS / "glue-environment.txt"

GLUE_PLATFORM = "x86_64-manylinux_2_28"
"""What Glue 6.0 runs on: Amazon Linux 2023."""

_SITE = "lib/python3.13/site-packages"
_INTERPRETER = "/usr/bin/python3.13"
"""Glue's own interpreter; a laptop's runner takes only site-packages."""

_CONFIG = "home = /usr/bin\ninclude-system-site-packages = false\nversion = 3.13\n"
_LEFT_OUT = (
    "bin",
    "numpy/**/tests",
    "pandas/tests",
    "pyarrow/include",
    "pyarrow/tests",
    "scipy/**/tests",
    ".lock",
)


def packed(platform: str | None = None) -> Path:
    """Where the current lock's packed environment is or will be."""
    # The recipe is this file: a change of it is a new environment as well.
    return GLUE_ENVIRONMENTS / f"{stamps.fingerprint(LOCK, Path(__file__), platform or '')}.tar.gz"


def pack(uv: Path, platform: str | None = None) -> Path:
    """Install the lock into an empty folder, compile it, and pack it.

    Args:
        uv: The uv to install with.
        platform: Wheels to take, ``GLUE_PLATFORM`` to deploy to AWS from another platform; None takes this
            machine's.

    Returns:
        The packed environment, the only one left in its folder.
    """
    target = packed(platform)
    build = GLUE_ENVIRONMENTS / "build"
    shutil.rmtree(build, ignore_errors=True)
    site = build / _SITE
    python = str(python_of(GLUE_VENV))
    of_platform = ["--python-platform", platform] if platform else []
    options = ["--require-hashes", "--no-deps", "--link-mode", "copy", "--python", python, *of_platform]
    run_logged(
        uv, "glue-environment", "pip", "install", *options, "--target", str(site), "--requirements", str(LOCK)
    )
    for pattern in _LEFT_OUT:
        for unwanted in list(site.glob(pattern)):
            shutil.rmtree(unwanted) if unwanted.is_dir() else unwanted.unlink()
    _compile(python, build)
    (build / "pyvenv.cfg").write_text(_CONFIG)
    partial = target.with_suffix(".partial")
    _write_tar(build, partial)
    for old in GLUE_ENVIRONMENTS.glob("*.tar.gz"):
        old.unlink()
    partial.rename(target)
    shutil.rmtree(build)
    return target


def _compile(python: str, build: Path) -> None:
    # Hash-checked files carry no time of writing, and no machine's path (-s).
    command = [python, "-m", "compileall", "-q", "-j", "2", "--invalidation-mode", "unchecked-hash"]
    result = capture([*command, "-s", str(build), str(build / _SITE)])
    if not any(build.rglob("*.pyc")):
        raise SetupError(f"Glue's environment cannot be byte-compiled with {python}: {result.stderr[-300:]}")


def _write_tar(build: Path, target: Path) -> None:
    """Write names in order, no times, no owners."""
    with target.open("wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as zipped, tarfile.open(
        fileobj=zipped, mode="w", format=tarfile.PAX_FORMAT
    ) as archive:
        for link in ("bin/python", "bin/python3", "bin/python3.13"):
            entry = tarfile.TarInfo(link)
            entry.type, entry.linkname, entry.mode = tarfile.SYMTYPE, _INTERPRETER, 0o777
            archive.addfile(entry)
        for path in sorted(build.rglob("*")):
            if path.is_file():
                entry = tarfile.TarInfo(str(path.relative_to(build)))
                entry.size = path.stat().st_size
                entry.mode = 0o755 if path.stat().st_mode & 0o100 else 0o644
                archive.addfile(entry, io.BytesIO(path.read_bytes()))


def steps(uv: Path, needs: str) -> list[Step]:
    """The step that packs the environment, given the name of the one that brings Python 3.13."""

    def bring(_report: Report) -> None:
        pack(uv)

    return [Step(NAME, lambda: packed().is_file(), bring, (needs,))]
