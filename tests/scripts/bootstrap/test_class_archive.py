"""The archive of Spark's classes: made once, again when Java or the jars have changed."""

from pathlib import Path

import pytest

from scripts.bootstrap import class_archive
from scripts.bootstrap.layout import JARS, SetupError
from tests.scripts.bootstrap.conftest import Program


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, program: Program, tmp_path: Path) -> Path:
    monkeypatch.setattr(class_archive, "CACHE", tmp_path)
    monkeypatch.setattr(class_archive, "ARCHIVE", tmp_path / "classes.jsa")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "java"))
    install_java(tmp_path, "17.0.1")
    return tmp_path


def install_java(home: Path, version: str) -> None:
    java = home / "java" / "bin" / "java"
    java.parent.mkdir(parents=True, exist_ok=True)
    java.write_text(f"#!/bin/sh\necho version {version} >&2\n")
    java.chmod(0o755)


def use(monkeypatch: pytest.MonkeyPatch, python: Path) -> None:
    monkeypatch.setattr(class_archive, "python_of", lambda _venv: python)


def test_it_is_made_for_this_java(monkeypatch: pytest.MonkeyPatch, program: Program, cache: Path) -> None:
    use(
        monkeypatch,
        program("python", f'echo "$@ $LOCAL_AWS_JARS_DIR" > {cache}/asked; touch {cache}/classes.jsa'),
    )
    (step,) = class_archive.steps("Airflow")
    assert not step.is_current()

    step.bring(lambda _done, _total: None)

    assert (cache / "asked").read_text() == f"-m local_aws archive-classes {JARS}\n"
    assert step.is_current()
    install_java(cache, "17.0.2")
    assert not step.is_current()


def test_an_archive_that_is_gone_is_made_again(
    monkeypatch: pytest.MonkeyPatch, program: Program, cache: Path
) -> None:
    use(monkeypatch, program("python", f"touch {cache}/classes.jsa"))
    (step,) = class_archive.steps("Airflow")
    step.bring(lambda _done, _total: None)
    (cache / "classes.jsa").unlink()
    assert not step.is_current()


def test_a_spark_that_does_not_run_is_told(
    monkeypatch: pytest.MonkeyPatch, program: Program, cache: Path
) -> None:
    use(monkeypatch, program("python", "echo no memory. >&2; exit 1"))
    (step,) = class_archive.steps("Airflow")
    with pytest.raises(SetupError, match=r"Spark does not run here: no memory\. Run `.*archive-classes`"):
        step.bring(lambda _done, _total: None)
    assert not step.is_current()
    assert cache.is_dir()
