"""Write the locks anew: every package of both environments, and every jar, with hashes."""

from __future__ import annotations

import shutil
from pathlib import Path

from scripts.bootstrap import ivy
from scripts.bootstrap.layout import CACHE, LOCKS
from scripts.bootstrap.uv import find_python, run_logged

AIRFLOW_CONSTRAINTS = (
    "https://raw.githubusercontent.com/apache/airflow/constraints-3.2.1/constraints-3.12.txt"
)
"""What MWAA holds its environments to; a local copy of it does as well."""

_SPARK_OF_GLUE = ("--no-emit-package", "pyspark", "--no-emit-package", "py4j")


def write_locks(uv: Path, constraints: str) -> None:
    """Compile ``locks/*.in`` and hash what Ivy brings.

    Args:
        uv: The uv to resolve with.
        constraints: Airflow's constraints for Python 3.12, a path or a URL.
    """
    airflow, glue = find_python(uv, "3.12"), find_python(uv, "3.13")
    _compile(uv, "airflow", airflow, "--constraints", constraints)
    _compile(
        uv, "postgres", airflow, "--constraints", constraints, "--constraints", str(LOCKS / "airflow.txt")
    )
    _compile(uv, "glue", glue)
    _compile(uv, "glue-environment", glue, "--constraints", str(LOCKS / "glue.txt"), *_SPARK_OF_GLUE)
    for name, types in (("jars", "jar bundle"), ("compiler", "jar"), ("trino", "tar.gz")):
        _hash(name, types)


def _compile(uv: Path, name: str, python: str, *options: str) -> None:
    run_logged(
        uv, f"lock-{name}", "pip", "compile", "--quiet", "--upgrade", "--no-annotate", "--generate-hashes",
        "--custom-compile-command", "make lock", "--python", python, *options,
        str(LOCKS / f"{name}.in"), "--output-file", str(LOCKS / f"{name}.txt"),
    )  # fmt: skip


def _hash(name: str, types: str) -> None:
    target = CACHE / f"lock-{name}"
    shutil.rmtree(target, ignore_errors=True)
    ivy.download(name, target, types, 0, lambda _done, _total: None)
    lines = [f"{digest}  {file}\n" for file, digest in ivy.digests(target).items()]
    (ivy.IVY / f"{name}.sha256").write_text("".join(lines))
    shutil.rmtree(target)
