"""The commands as a user types them; only what would start processes is replaced."""

import os
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import psutil
import pytest
from click.testing import Result
from typer.testing import CliRunner

from laptop import airflow, aws, chaos, checks, commands, stack
from laptop.__main__ import app
from laptop.checks import Finding
from laptop.layout import Layout
from laptop.record import Part, Record


@pytest.fixture
def state_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LAKEHOUSE_LAPTOP_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path / "state"


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch, state_dir: Path) -> list[Layout]:
    """Layouts with which the stack would have been started."""
    layouts: list[Layout] = []
    monkeypatch.setattr(stack, "up", lambda layout, _console: layouts.append(layout))
    monkeypatch.setattr(checks, "before_up", lambda _layout: [])
    return layouts


def lakehouse(*words: str) -> Result:
    return CliRunner().invoke(app, words)


def of_this_process(name: str) -> Part:
    return Part(name=name, pid=os.getpid(), created=psutil.Process().create_time())


def running(*names: str, **options: Any) -> Layout:
    layout = Layout(**options)
    Record(layout=layout, parts=[of_this_process(name) for name in names]).save()
    return layout


def test_the_lakehouse_command_finds_each_of_them() -> None:
    found = {entry.name: entry.load() for entry in entry_points(group="lakehouse.commands")}
    names = ("up", "down", "status", "env")
    assert found == {name: getattr(commands, name) for name in names} | {"chaos": chaos.app}
    (environment,) = entry_points(group="lakehouse.environment")
    assert environment.load() is commands.environment
    (doctor,) = entry_points(group="lakehouse.doctor")
    assert doctor.load() is commands.doctor


class TestUp:
    def test_defaults(self, started: list[Layout]) -> None:
        result = lakehouse("up")
        assert result.exit_code == 0, result.output
        assert started == [Layout()]
        assert "http://127.0.0.1:4566  (account 123456789012, bucket ecommerce-lakehouse-123456789012)" in (
            result.output
        )
        assert "http://127.0.0.1:8080" in result.output
        assert "lakehouse run ecommerce" in result.output

    def test_flags(self, started: list[Layout]) -> None:
        result = lakehouse(
            "up",
            "--port",
            "14566",
            "--trino-port",
            "18085",
            "--airflow-port",
            "18080",
            "--arrivals",
            "--enforce-iam",
        )
        assert result.exit_code == 0, result.output
        (layout,) = started
        assert (layout.aws_port, layout.trino_port, layout.airflow_port) == (14566, 18085, 18080)
        assert layout.arrivals
        assert layout.enforce_iam
        assert "http://127.0.0.1:14566" in result.output

    def test_without_airflow_its_address_is_not_shown(self, started: list[Layout]) -> None:
        result = lakehouse("up", "--no-airflow")
        assert not started[0].with_airflow
        assert "Airflow  http" not in result.output

    def test_settings_of_the_environment_hold_where_no_flag_is_given(
        self, started: list[Layout], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("LAKEHOUSE_LAPTOP_AIRFLOW_PORT", "18080")
        monkeypatch.setenv("LAKEHOUSE_LAPTOP_WITH_AIRFLOW", "false")
        monkeypatch.setenv("LAKEHOUSE_LAPTOP_ARRIVALS", "true")
        lakehouse("up")
        lakehouse("up", "--airflow")
        assert [(layout.with_airflow, layout.arrivals) for layout in started] == [(False, True), (True, True)]
        assert {layout.airflow_port for layout in started} == {18080}

    def test_a_fatal_problem_keeps_it_from_starting(
        self, started: list[Layout], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        problems = [
            Finding("java is not Java 17", "install it"),
            Finding("little memory", "x", is_fatal=False),
        ]
        monkeypatch.setattr(checks, "before_up", lambda _layout: problems)
        result = lakehouse("up")
        assert str(result.exception) == "java is not Java 17: install it"
        assert started == []

    def test_a_port_that_cannot_be_is_an_error(self, started: list[Layout]) -> None:
        assert lakehouse("up", "--port", "99999").exit_code != 0
        assert started == []


@pytest.mark.parametrize(
    ("was_up", "said"), [(True, "nothing is left running"), (False, "Nothing was running")]
)
def test_down(state_dir: Path, monkeypatch: pytest.MonkeyPatch, was_up: bool, said: str) -> None:
    monkeypatch.setattr(stack, "down", lambda _layout: was_up)
    result = lakehouse("down")
    assert result.exit_code == 0
    assert said in result.output


class TestStatus:
    @pytest.fixture(autouse=True)
    def _healthy(self, state_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(aws, "health", lambda _layout: {"s3": "ready", "athena": "disabled"})
        monkeypatch.setattr(airflow, "health", lambda _layout: dict.fromkeys(airflow.PARTS, "ready"))

    def row(self, result: Result, part: str) -> str:
        return next(line for line in result.output.splitlines() if part in line)

    def test_all_is_well(self) -> None:
        running("aws", "airflow-api-server", aws_port=14566, airflow_port=18080)
        result = lakehouse("status")
        assert result.exit_code == 0, result.output
        assert {"14566", "ready", str(os.getpid())} <= set(self.row(result, "aws").split())
        assert "18080" in self.row(result, "airflow-api-server")
        assert "MB" in self.row(result, "all")

    def test_a_service_that_is_not_well_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        running("aws")
        monkeypatch.setattr(aws, "health", lambda _layout: {"s3": "ready", "athena": "failed"})
        result = lakehouse("status")
        assert result.exit_code == 1
        assert "athena failed" in self.row(result, "aws")

    def test_a_part_that_does_not_answer(self, monkeypatch: pytest.MonkeyPatch) -> None:
        running("aws", "airflow-scheduler")
        monkeypatch.setattr(airflow, "health", lambda _layout: {})
        result = lakehouse("status")
        assert result.exit_code == 1
        assert "no answer" in self.row(result, "airflow-scheduler")
        assert "ready" in self.row(result, "aws")

    def test_a_part_that_ended(self) -> None:
        layout = Layout()
        stale = Part(name="airflow-scheduler", pid=os.getpid(), created=1.0)
        Record(layout=layout, parts=[of_this_process("aws"), stale]).save()
        result = lakehouse("status")
        assert result.exit_code == 1
        assert "ended" in self.row(result, "airflow-scheduler")

    @pytest.mark.parametrize("recorded", [True, False])
    def test_nothing_is_up(self, recorded: bool) -> None:
        if recorded:
            Record(layout=Layout(), parts=[Part(name="aws", pid=os.getpid(), created=1.0)]).save()
        assert str(lakehouse("status").exception) == "nothing is up; start with `lakehouse up`"


class TestEnvironment:
    def test_a_shell_takes_it(self, state_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ECOM_S3_BUCKET_NAME", "a b'c")
        script = lakehouse("env").output
        shell = subprocess.run(
            ["sh", "-c", f'{script}printf "%s|%s" "$AWS_ENDPOINT_URL" "$ECOM_S3_BUCKET_NAME"'],
            capture_output=True,
            text=True,
            check=True,
        )
        assert shell.stdout == "http://127.0.0.1:4566|a b'c"

    def test_it_names_the_stack_that_is_up(self, state_dir: Path) -> None:
        running("aws", aws_port=14566)
        assert "export AWS_ENDPOINT_URL=http://127.0.0.1:14566\n" in lakehouse("env").output
        assert commands.environment()["AWS_ENDPOINT_URL"] == "http://127.0.0.1:14566"

    def test_without_a_stack_the_command_goes_to_whatever_the_user_has(self, state_dir: Path) -> None:
        assert commands.environment() == {}
        Record(layout=Layout(), parts=[Part(name="aws", pid=os.getpid(), created=1.0)]).save()
        assert commands.environment() == {}, "a stack that died must not hide the user's own AWS"


class TestDoctor:
    def findings(self, monkeypatch: pytest.MonkeyPatch, *found: Finding) -> Result:
        monkeypatch.setattr(checks, "all_checks", lambda _layout: list(found))
        return lakehouse("doctor")

    def test_nothing_is_wrong(self, state_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        result = self.findings(monkeypatch)
        assert (result.exit_code, result.output) == (0, "✓ Nothing is wrong.\n")

    def test_a_problem_comes_with_its_remedy(self, state_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        result = self.findings(monkeypatch, Finding("java is not Java 17", "install Java 17"))
        assert (result.exit_code, result.output) == (1, "✗ java is not Java 17: install Java 17\n")

    def test_what_is_not_fatal_does_not_fail(self, state_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        result = self.findings(monkeypatch, Finding("little memory", "end programs", is_fatal=False))
        assert (result.exit_code, result.output) == (0, "! little memory: end programs\n")


def test_an_error_is_one_sentence_without_a_traceback(state_dir: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "laptop", "status"], capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == "error: nothing is up; start with `lakehouse up`\n"
