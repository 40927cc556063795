"""Bring jars and Trino by their coordinates with the Ivy that ships inside pyspark."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import threading
from pathlib import Path

from scripts.bootstrap import stamps
from scripts.bootstrap.layout import (
    AIRFLOW_VENV,
    CACHE,
    GLUE_VENV,
    JARS,
    LOCKS,
    LOGS,
    TRINO,
    SetupError,
    capture,
    last_line,
    python_of,
    tail,
)
from scripts.bootstrap.prerequisites import java
from scripts.bootstrap.schedule import Report, Step

IVY = LOCKS / "ivy"
JARS_STEP = "Delta and S3A jars"
DOWNLOAD = CACHE / "download"
_ATTEMPTS = 3
_MB = 1_000_000


def retrieve(name: str, target: Path, types: str, total_mb: int, report: Report) -> None:
    """Download what ``locks/ivy/<name>.xml`` lists into ``target`` and check it against ``<name>.sha256``.

    Raises:
        SetupError: The download failed or a file is not the locked one.
    """
    download(name, target, types, total_mb, report)
    verify(name, target)


def download(name: str, target: Path, types: str, total_mb: int, report: Report) -> None:
    """Download what ``locks/ivy/<name>.xml`` lists into ``target``.

    Ivy keeps finished files in its cache, so a second attempt goes on where the first broke off.

    Raises:
        SetupError: The download failed.
    """
    cache = CACHE / "ivy" / name
    target.mkdir(parents=True, exist_ok=True)
    for attempt in range(1, _ATTEMPTS + 1):
        stop = threading.Event()
        watcher = threading.Thread(target=_watch, args=(cache, total_mb, report, stop), daemon=True)
        watcher.start()
        log = _run(name, cache, target, types)
        stop.set()
        watcher.join()
        if log is None:
            return
        if attempt == _ATTEMPTS:
            raise SetupError(
                f"The download of {name} failed {_ATTEMPTS} times; check the connection to Maven Central and "
                f"run make setup again, which goes on from here. {log} ends:\n{tail(log)}"
            )


def _run(name: str, cache: Path, target: Path, types: str) -> Path | None:
    """Run Ivy once; returns its log if it failed."""
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / f"{name}.log"
    options = {
        "settings": IVY / "settings.xml",
        "cache": cache,
        "ivy": IVY / f"{name}.xml",
        "retrieve": f"{target}/[artifact]-[revision](-[classifier]).[ext]",
    }
    command = [java(), "-Xmx256m", "-cp", _class_path(), "org.apache.ivy.Main"]
    command += [word for option, value in options.items() for word in (f"-{option}", str(value))]
    with log.open("w") as output:
        result = subprocess.run(
            [*command, "-types", *types.split()], check=False, stdout=output, stderr=subprocess.STDOUT
        )
    return log if result.returncode else None


def _class_path() -> str:
    jars = GLUE_VENV / "lib" / "python3.13" / "site-packages" / "pyspark" / "jars"
    found = [list(jars.glob(f"{name}-[0-9]*.jar")) for name in ("ivy", "commons-cli")]
    if not all(found):
        raise SetupError(f"{jars} has no Ivy: delete {GLUE_VENV} and run make setup again.")
    return ":".join(str(jar) for jars_of_name in found for jar in jars_of_name)


def _watch(cache: Path, total_mb: int, report: Report, stop: threading.Event) -> None:
    while not stop.wait(1):
        size = sum(
            path.stat().st_size for path in cache.rglob("*") if path.is_file() and path.suffix != ".xml"
        )
        report(round(size / _MB), total_mb)


def verify(name: str, target: Path) -> None:
    """Compare files with ``locks/ivy/<name>.sha256``.

    Raises:
        SetupError: A file is missing, extra or different.
    """
    expected = dict(line.split()[::-1] for line in (IVY / f"{name}.sha256").read_text().splitlines())
    found = digests(target)
    wrong = sorted(file for file in expected.keys() | found.keys() if expected.get(file) != found.get(file))
    if wrong:
        raise SetupError(
            f"{', '.join(wrong)} in {target} is not what locks/ivy/{name}.sha256 says. Delete "
            f"{CACHE / 'ivy'} and run make setup again; if versions were changed on purpose, run make lock."
        )


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every file of a folder, by name."""
    return {path.name: _sha256(path) for path in sorted(folder.iterdir()) if path.is_file()}


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def _made_from(name: str) -> str:
    return stamps.fingerprint(IVY / f"{name}.xml", IVY / f"{name}.sha256")


def bring_jars(report: Report) -> None:
    """Fill ``.cache/jars``, the class path of local Spark beyond pyspark's own."""
    partial = JARS.with_name("jars.partial")
    shutil.rmtree(partial, ignore_errors=True)
    retrieve("jars", partial, "jar bundle", total_mb=25, report=report)
    shutil.rmtree(JARS, ignore_errors=True)
    partial.rename(JARS)
    stamps.write(CACHE / "jars.made-from", _made_from("jars"))


def bring_tarball(report: Report) -> None:
    """Download Trino's tarball."""
    retrieve("trino", DOWNLOAD, "tar.gz", total_mb=821, report=report)


_UNPACK = """
import pathlib, sys
from local_aws.trino import unpack
unpack(*map(pathlib.Path, sys.argv[1:]))
"""


def bring_trino(_report: Report) -> None:
    """Fill ``.cache/trino``; the tarball is dropped once it is unpacked."""
    (tarball,) = DOWNLOAD.glob("trino-server-*.tar.gz")
    result = capture([str(python_of(AIRFLOW_VENV)), "-c", _UNPACK, str(tarball), str(TRINO)])
    if result.returncode:
        raise SetupError(
            f"{tarball} cannot be unpacked into {TRINO} ({last_line(result.stderr)}). "
            "Delete it and run make setup again."
        )
    shutil.rmtree(DOWNLOAD)
    shutil.rmtree(CACHE / "ivy" / "trino", ignore_errors=True)
    stamps.write(CACHE / "trino.made-from", _made_from("trino"))


def steps(glue: str, airflow: str) -> list[Step]:
    """The steps that bring the jars and Trino, given the names of those that bring the environments."""

    def current(name: str, folder: Path) -> bool:
        return folder.is_dir() and stamps.is_current(CACHE / f"{name}.made-from", _made_from(name))

    def trino() -> bool:
        return current("trino", TRINO)

    return [
        Step("Trino's tarball", trino, bring_tarball, (glue,)),
        Step("Trino", trino, bring_trino, ("Trino's tarball", airflow)),
        Step(JARS_STEP, lambda: current("jars", JARS), bring_jars, (glue,)),
    ]
