"""Environments are made from their locks, once, and anew when something changed."""

from pathlib import Path

import pytest

from scripts.bootstrap import environments
from scripts.bootstrap import uv as uv_module
from scripts.bootstrap.environments import AIRFLOW, GLUE, Environment
from scripts.bootstrap.layout import SetupError
from tests.scripts.bootstrap.conftest import Program


@pytest.fixture(autouse=True)
def _in_a_checkout_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(environments, "ROOT", tmp_path)
    monkeypatch.setattr(environments, "find_python", lambda _uv, version: f"/python{version}")
    monkeypatch.setattr(uv_module, "LOGS", tmp_path / "logs")
    for project in (".", "local_aws", "laptop"):
        (tmp_path / project).mkdir(exist_ok=True)
        (tmp_path / project / "pyproject.toml").write_text("[project]\n")
    (tmp_path / "airflow.txt").write_text("airflow==3.2.1\n")


@pytest.fixture
def uv(program: Program, tmp_path: Path) -> Path:
    """Notes what it was asked and makes an environment as `uv venv` does."""
    return program(
        "uv",
        f"""
echo "${{VIRTUAL_ENV##*/}} $@" >> {tmp_path}/asked
if [ "$1" = venv ]; then
  for folder; do :; done
  mkdir -p "$folder/bin"; touch "$folder/bin/python"
fi
""",
    )


def asked(tmp_path: Path) -> list[str]:
    """Calls of uv since the last look."""
    file = tmp_path / "asked"
    calls = file.read_text().splitlines() if file.exists() else []
    file.unlink(missing_ok=True)
    return [call.replace(str(tmp_path), "") for call in calls]


def airflow(tmp_path: Path) -> Environment:
    return Environment(AIRFLOW, tmp_path / ".venv", "3.12", tmp_path / "airflow.txt")


def test_it_is_made_equal_to_its_lock_with_hashes_and_the_own_projects_added(
    tmp_path: Path, uv: Path
) -> None:
    environment = airflow(tmp_path)
    assert not environment.is_current()
    environment.install(uv)
    assert asked(tmp_path) == [
        " venv --no-project --python /python3.12 /.venv",
        ".venv pip sync --require-hashes /airflow.txt",
        ".venv pip install --no-deps --no-build-isolation --editable  --editable /local_aws --editable /laptop",
    ]
    assert environment.is_current()


def test_the_interpreter_of_an_environment_is_kept_when_its_lock_changes(tmp_path: Path, uv: Path) -> None:
    environment = airflow(tmp_path)
    environment.install(uv)
    asked(tmp_path)
    (tmp_path / "airflow.txt").write_text("airflow==3.2.2\n")
    assert not environment.is_current()
    environment.install(uv)
    assert [call.split()[1:3] for call in asked(tmp_path)] == [["pip", "sync"], ["pip", "install"]]
    assert environment.is_current()


@pytest.mark.parametrize("changed", ["laptop/pyproject.toml", "pyproject.toml"])
def test_a_changed_project_is_installed_anew(tmp_path: Path, uv: Path, changed: str) -> None:
    environment = airflow(tmp_path)
    environment.install(uv)
    (tmp_path / changed).write_text("[project.scripts]\n")
    assert not environment.is_current()


def test_an_environment_without_its_interpreter_is_made_from_scratch(tmp_path: Path, uv: Path) -> None:
    environment = airflow(tmp_path)
    environment.install(uv)
    (tmp_path / ".venv" / "bin" / "python").unlink()
    (tmp_path / ".venv" / "rest").touch()
    assert not environment.is_current()
    environment.install(uv)
    assert not (tmp_path / ".venv" / "rest").exists()


def test_a_checkout_that_was_moved_needs_new_environments(tmp_path: Path, uv: Path) -> None:
    airflow(tmp_path).install(uv)
    (tmp_path / ".venv").rename(tmp_path / "moved")
    moved = Environment(AIRFLOW, tmp_path / "moved", "3.12", tmp_path / "airflow.txt")
    assert not moved.is_current()


def test_an_installation_that_broke_off_is_not_current(tmp_path: Path, program: Program) -> None:
    broken = program("uv", 'mkdir -p "$6/bin"; touch "$6/bin/python"; [ "$2" != install ]')
    environment = airflow(tmp_path)
    with pytest.raises(SetupError, match="uv pip install failed"):
        environment.install(broken)
    assert not environment.is_current()


def test_sparks_environment_comes_first_because_its_ivy_brings_the_rest(uv: Path) -> None:
    assert [(step.name, step.needs) for step in environments.steps(uv)] == [(GLUE, ()), (AIRFLOW, ())]


def test_a_further_lock_is_added_with_hashes_and_nothing_that_it_does_not_name(
    tmp_path: Path, uv: Path
) -> None:
    environment = airflow(tmp_path)
    environment.install(uv)
    asked(tmp_path)
    environment.add(uv, tmp_path / "postgres.txt")
    assert asked(tmp_path) == [
        ".venv pip install --no-deps --require-hashes --requirements /postgres.txt",
    ]


def test_the_lock_for_containers_disagrees_with_airflows_in_nothing() -> None:
    pins = [_pins(environments.POSTGRES), _pins(environments.AIRFLOW_ENVIRONMENT.lock)]
    assert pins[0].keys() == {"asyncpg", "psycopg2-binary"}
    assert all(pins[1].get(name, version) == version for name, version in pins[0].items())


def _pins(lock: Path) -> dict[str, str]:
    lines = [line.removesuffix(" \\") for line in lock.read_text().splitlines() if "==" in line]
    return dict(line.split("==") for line in lines)
