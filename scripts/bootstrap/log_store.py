"""Compile the log store, Delta's commits on S3, into the jar that every Glue job gets (``--extra-jars``)."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

from scripts.bootstrap import stamps
from scripts.bootstrap.ivy import IVY, JARS_STEP, retrieve
from scripts.bootstrap.layout import CACHE, GLUE_VENV, JARS, ROOT, SetupError, capture
from scripts.bootstrap.prerequisites import java
from scripts.bootstrap.schedule import Report, Step

NAME = "Log store"
SOURCES = ROOT / "include" / "log_store"
JAR = CACHE / "log-store" / "lakehouse-log-store.jar"
_COMPILER = CACHE / "compiler"
_STAMP = CACHE / "log-store.made-from"
_BEGINNING = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip knows: the same sources give the same bytes."""


def made_from() -> str:
    """Fingerprint of the sources, of what they are compiled against, of the compiler and of this recipe."""
    locks = (IVY / "jars.sha256", IVY / "compiler.sha256", Path(__file__))
    return stamps.fingerprint(*sorted(SOURCES.rglob("*.java")), *locks)


def is_current() -> bool:
    """Whether the jar is there and was made from the sources of now."""
    return JAR.is_file() and stamps.is_current(_STAMP, made_from())


def bring(report: Report) -> None:
    """Compile with Eclipse's compiler, which needs no more than the Java that Spark needs.

    Raises:
        SetupError: The compiler could not be had, or refused the sources.
    """
    retrieve("compiler", _COMPILER, "jar", total_mb=3, report=report)
    (compiler,) = _COMPILER.glob("ecj-*.jar")
    classes = JAR.with_name("classes")
    shutil.rmtree(classes, ignore_errors=True)
    command = [java(), "-jar", str(compiler), "--release", "17", "-cp", _class_path(), "-d", str(classes)]
    result = capture([*command, *(str(source) for source in sorted(SOURCES.rglob("*.java")))])
    if result.returncode:
        raise SetupError(f"{SOURCES} cannot be compiled:\n{result.stderr.strip()}")
    _write_jar(classes)
    shutil.rmtree(classes)
    stamps.write(_STAMP, made_from())


def _class_path() -> str:
    hadoop = GLUE_VENV / "lib" / "python3.13" / "site-packages" / "pyspark" / "jars"
    return ":".join(str(jar) for jar in [*JARS.glob("*.jar"), *hadoop.glob("hadoop-client-api-*.jar")])


def _write_jar(classes: Path) -> None:
    unfinished = JAR.with_suffix(".partial")
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as jar:
        for path in sorted(classes.rglob("*.class")):
            entry = zipfile.ZipInfo(path.relative_to(classes).as_posix(), _BEGINNING)
            jar.writestr(entry, path.read_bytes())
    unfinished.replace(JAR)


def steps() -> list[Step]:
    """The step that compiles the log store."""
    return [Step(NAME, is_current, bring, (JARS_STEP,))]
