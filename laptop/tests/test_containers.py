"""The parts as containers run them: the same commands and settings, another database."""

import os
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from laptop import airflow, aws, containers, provision
from laptop.layout import Layout

URL = "postgresql+psycopg2://airflow:secret@127.0.0.1:5432/airflow"


def run(*words: str) -> Result:
    return CliRunner().invoke(containers.app, words)


@pytest.fixture
def became(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the process would have become."""
    found: dict[str, Any] = {}

    def become(program: str, words: list[str], environment: dict[str, str]) -> None:
        found.update(program=program, words=words, environment=environment)

    monkeypatch.setattr(os, "execvpe", become)
    return found


def test_aws_is_started_as_on_a_laptop(became: dict[str, Any]) -> None:
    assert run("part", "aws").exit_code == 0
    assert became["words"] == aws.command(Layout())
    assert became["environment"].items() >= aws.environment(Layout()).items()


@pytest.mark.parametrize("part", airflow.PARTS)
def test_airflow_is_started_as_on_a_laptop_but_for_its_database(
    became: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Any, part: str
) -> None:
    monkeypatch.setenv("LAKEHOUSE_LAPTOP_STATE_DIR", str(tmp_path))
    on_a_laptop = airflow.environment(Layout())
    monkeypatch.setenv("LAKEHOUSE_LAPTOP_DATABASE_URL", URL)
    assert run("part", f"airflow-{part}").exit_code == 0
    assert became["words"] == airflow.command(part)
    settings = {name: became["environment"][name] for name in on_a_laptop}
    assert settings == {**on_a_laptop, "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": URL}


def test_a_part_that_does_not_exist_is_refused(became: dict[str, Any]) -> None:
    result = run("part", "airflow-webserver")
    assert result.exit_code == 2
    assert became == {}


def test_a_command_reaches_the_stack_with_options_of_its_own(became: dict[str, Any]) -> None:
    assert run("call", "lakehouse", "run", "ecommerce", "--help").exit_code == 0
    assert became["words"] == ["lakehouse", "run", "ecommerce", "--help"]
    assert became["environment"].items() >= Layout().client_environment().items()


def test_the_databases_password_is_not_written_down() -> None:
    layout = Layout(database_url=URL)
    assert "secret" not in repr(layout)
    assert "secret" not in layout.model_dump_json()


def test_provisioning_is_the_laptops(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Layout] = []

    def make(layout: Layout, report: Any) -> None:
        made.append(layout)
        report("bucket")

    monkeypatch.setattr(provision, "provision", make)
    result = run("provision")
    assert (result.exit_code, result.output) == (0, "bucket\n")
    assert made == [Layout()]


@pytest.mark.parametrize(
    ("state", "exit_code", "told"), [("ready", 0, ""), ("disabled", 0, ""), ("failed", 1, "glue failed\n")]
)
def test_aws_is_well_without_waiting_for_athena(
    monkeypatch: pytest.MonkeyPatch, state: str, exit_code: int, told: str
) -> None:
    states = {"s3": "ready", "glue": state, "athena": "starting"}
    monkeypatch.setattr(aws, "health", lambda _layout: states)
    result = run("healthy", "aws")
    assert (result.exit_code, result.output) == (exit_code, told)


@pytest.mark.parametrize(
    ("part", "exit_code", "told"),
    [
        ("airflow-scheduler", 0, ""),
        ("airflow-triggerer", 1, "triggerer unhealthy\n"),
        ("airflow-x", 1, "x unknown\n"),
    ],
)
def test_a_part_of_airflow_answers_for_itself_alone(
    monkeypatch: pytest.MonkeyPatch, part: str, exit_code: int, told: str
) -> None:
    monkeypatch.setattr(airflow, "health", lambda _layout: {"scheduler": "ready", "triggerer": "unhealthy"})
    result = run("healthy", part)
    assert (result.exit_code, result.output) == (exit_code, told)


@pytest.mark.parametrize("part", ["aws", "airflow-scheduler"])
def test_who_does_not_answer_is_not_well(monkeypatch: pytest.MonkeyPatch, layout: Layout, part: str) -> None:
    monkeypatch.setenv("LAKEHOUSE_LAPTOP_AWS_PORT", str(layout.aws_port))
    monkeypatch.setenv("LAKEHOUSE_LAPTOP_AIRFLOW_PORT", str(layout.airflow_port))
    result = run("healthy", part)
    assert (result.exit_code, result.output) == (1, "no answer\n")
