"""Setup as make calls it, on whatever Python the machine has."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.bootstrap import (
    class_archive,
    commands,
    environments,
    glue_environment,
    log_store,
    prerequisites,
)
from scripts.bootstrap.layout import ROOT, SetupError
from scripts.bootstrap.schedule import Step

FILES = sorted((ROOT / "scripts" / "bootstrap").glob("*.py"))


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_any_python_reads_it_and_finds_all_that_it_imports(file: Path) -> None:
    """It runs before any environment exists: syntax of Python 3.8, standard library only."""
    tree = ast.parse(file.read_text(), feature_version=(3, 8))
    imported = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    imported += [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    roots = {name.split(".")[0] for name in imported}
    assert roots <= {*sys.stdlib_module_names, "scripts"}


def test_a_python_that_is_too_old_says_so() -> None:
    pretend = """
import runpy, sys
sys.version_info = (3, 7, 16)
runpy.run_module("scripts.bootstrap", run_name="__main__")
"""
    result = subprocess.run(
        [sys.executable, "-c", pretend], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 1
    assert result.stderr.startswith("Setup needs Python 3.8 or newer to start from, and this is Python 3.7.")
    assert "make setup PYTHON=" in result.stderr


def test_the_message_names_a_variable_that_make_knows() -> None:
    assert "PYTHON ?= python3" in (ROOT / "Makefile").read_text()


@pytest.mark.parametrize(
    ("raised", "code", "said"),
    [
        (SetupError("Java is missing: install Java 17."), 1, "Java is missing: install Java 17."),
        (KeyboardInterrupt(), 130, "Stopped. Run make setup again to go on from here."),
    ],
)
def test_a_failure_is_a_sentence_and_an_exit_code(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    raised: BaseException,
    code: int,
    said: str,
) -> None:
    def fail() -> None:
        raise raised

    monkeypatch.setattr(commands, "setup", fail)
    assert commands.main([]) == code
    assert capsys.readouterr().out.strip() == said


def test_prerequisites_come_before_anything_is_brought(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise SetupError("Java is missing")

    def refuse() -> Path:
        raise AssertionError("something was brought before prerequisites were checked")

    monkeypatch.setattr(prerequisites, "check", fail)
    monkeypatch.setattr(commands, "find_uv", refuse)
    assert commands.main(["setup"]) == 1


@pytest.mark.parametrize(
    ("words", "platform"),
    [([], "x86_64-manylinux_2_28"), (["--platform", "aarch64-apple-darwin"], "aarch64-apple-darwin")],
)
def test_glues_environment_is_packed_for_glue_unless_told_otherwise(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: list[str], platform: str
) -> None:
    monkeypatch.setattr(commands, "find_uv", lambda: Path("uv"))
    monkeypatch.setattr(glue_environment, "pack", lambda uv, platform: f"{uv} for {platform}")
    assert commands.main(["environment", *words]) == 0
    assert capsys.readouterr().out == f"uv for {platform}\n"


@pytest.mark.parametrize(("command", "archived"), [("setup", True), ("container", False)])
def test_a_container_gets_no_archive_of_classes(
    monkeypatch: pytest.MonkeyPatch, command: str, archived: bool
) -> None:
    brought: list[str] = []

    def note(steps: list[Step], _progress: object) -> int:
        brought.extend(step.name for step in steps)
        return 0

    monkeypatch.setattr(commands, "find_uv", lambda: Path("uv"))
    monkeypatch.setattr(commands, "run", note)
    assert commands.main([command]) == 0
    assert (class_archive.NAME in brought) is archived
    assert log_store.NAME in brought


def test_a_container_gets_airflow_and_drivers_and_no_spark(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[object] = []
    monkeypatch.setattr(commands, "find_uv", lambda: Path("uv"))
    monkeypatch.setattr(environments.Environment, "install", lambda self, _uv: done.append(self.name))
    monkeypatch.setattr(environments.Environment, "add", lambda _self, _uv, lock: done.append(lock.name))
    assert commands.main(["airflow"]) == 0
    assert done == [environments.AIRFLOW, "postgres.txt"]
