"""`lakehouse doctor` as a user types it."""

import json
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from lakehouse.cli import doctor
from lakehouse.cli.failure import CommandError
from lakehouse.cli.main import app
from tests.lakehouse.operations.mwaa import sound

ROOT = Path(__file__).parents[3]
CONSTRAINTS = ROOT / "locks" / "airflow.txt"


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(app, ["doctor", *map(str, words)])


def test_a_sound_build_passes_and_its_figures_are_kept(tmp_path: Path) -> None:
    build = sound.make(tmp_path / "build")
    report = tmp_path / "reports" / "mwaa.json"
    result = run("--mwaa", build, "--constraints", CONSTRAINTS, "--report", report)
    assert result.exit_code == 0, result.output
    assert "✗" not in result.output
    written = json.loads(report.read_text())
    assert written["dags"] == ["shop"]
    assert written["seconds"]["shop.py"] > 0


def test_a_problem_is_told_with_its_remedy(tmp_path: Path) -> None:
    build = sound.make(tmp_path / "build")
    (build / "requirements.txt").write_text("pandas\n")
    result = run("--mwaa", build, "--constraints", CONSTRAINTS)
    assert result.exit_code == 1
    assert "✗ requirements.txt names the constraints" in result.output
    assert "pandas belongs to Glue" in result.output
    assert "✓ every DAG loads" in result.output


def test_dags_that_cannot_be_loaded_are_a_problem_like_others(tmp_path: Path) -> None:
    build = sound.make(tmp_path / "build")
    (build / "plugins.zip").write_text("")
    result = run("--mwaa", build, "--constraints", CONSTRAINTS)
    assert result.exit_code == 1
    assert "✗ the DAGs can be loaded" in result.output


def test_without_a_folder_the_latest_build_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CommandError, match="holds no build: run `make dist`"):
        raise run("--mwaa", "--constraints", str(CONSTRAINTS)).exception  # type: ignore[misc]
    sound.make(tmp_path / "dist" / "mwaa" / "abc")
    assert "dist/mwaa/abc" in run("--mwaa", "--constraints", CONSTRAINTS).output


def test_constraints_that_are_not_there_are_named(tmp_path: Path) -> None:
    result = run("--mwaa", tmp_path, "--constraints", tmp_path / "none.txt")
    assert "none.txt cannot be read" in str(result.exception)


def test_the_machine_is_checked_by_whoever_is_plugged_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "entry_points", lambda group: _plugged() if group == doctor.MACHINE else ())
    assert run().exit_code == 7


def test_a_machine_without_a_stack_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "entry_points", lambda group: ())
    assert "no stack is installed here" in str(run().exception)
    assert "with --mwaa" in str(run("some").exception)


def _plugged() -> tuple[EntryPoint, ...]:
    return (EntryPoint("mine", f"{__name__}:ill", doctor.MACHINE),)


def ill() -> None:
    raise typer.Exit(7)
