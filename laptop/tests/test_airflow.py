"""Airflow as parts of the stack: its configuration, its database, its health, its pools."""

import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from laptop import airflow
from laptop.failure import StackError
from laptop.layout import Layout
from laptop.tests.http_service import HttpService

SECRETS = ("AIRFLOW__API__SECRET_KEY", "AIRFLOW__API_AUTH__JWT_SECRET")


def test_all_of_airflow_is_this_checkouts_and_listens_on_this_machine_alone(layout: Layout) -> None:
    variables = airflow.environment(layout)
    home = layout.state_dir / "airflow"
    assert variables["AIRFLOW_HOME"] == str(home)
    assert variables["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] == f"sqlite:///{home}/airflow.db"
    assert variables["AIRFLOW__CORE__DAGS_FOLDER"] == str(layout.root / "dags")
    assert variables["AIRFLOW__CORE__PLUGINS_FOLDER"] == str(layout.root / "plugins")
    assert variables["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert variables["AIRFLOW__API__PORT"] == str(layout.airflow_port)
    assert variables["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == f"{layout.airflow_url}/execution/"


def test_its_tasks_reach_the_embedded_aws_and_no_other(layout: Layout) -> None:
    variables = airflow.environment(layout)
    assert variables.items() >= layout.client_environment().items()
    assert variables["AIRFLOW__LAKEHOUSE__SNS_TOPIC_ARN"] == layout.topic_arn


@pytest.mark.parametrize("arrivals", [True, False])
def test_arrivals_start_runs_only_if_asked_for(layout: Layout, arrivals: bool) -> None:
    variables = airflow.environment(layout.model_copy(update={"arrivals": arrivals}))
    assert variables.get("LAKEHOUSE_ARRIVALS_QUEUE") == (layout.queue_url if arrivals else None)


def test_keys_are_shared_by_all_parts_differ_between_stacks_and_are_private(
    layout: Layout, tmp_path: Path
) -> None:
    first, again = airflow.environment(layout), airflow.environment(layout)
    other = airflow.environment(layout.model_copy(update={"state_dir": tmp_path / "other"}))
    for name in SECRETS:
        assert len(first[name]) >= 32
        assert first[name] == again[name] != other[name]
    assert first[SECRETS[0]] != first[SECRETS[1]]
    mode = (layout.state_dir / "airflow" / "secrets.json").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_parts_are_started_with_this_environments_airflow() -> None:
    assert airflow.command("scheduler") == [str(Path(sys.executable).parent / "airflow"), "scheduler"]


class TestMigration:
    """With a program of the tests in the place of `airflow db`."""

    @pytest.fixture
    def calls(self, layout: Layout, monkeypatch: pytest.MonkeyPatch) -> Path:
        """A file with a line per call; the program makes the database as Airflow does."""
        calls = layout.root / "calls"
        script = f"""
import os, pathlib
open({str(calls)!r}, "a").write("called;")
pathlib.Path(os.environ["AIRFLOW_HOME"], "airflow.db").touch()
"""
        monkeypatch.setattr(airflow, "command", lambda _part: [sys.executable, "-c", script])
        return calls

    def test_it_runs_once_per_version(
        self, layout: Layout, calls: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        airflow.migrate(layout)
        airflow.migrate(layout)
        assert calls.read_text().count("called") == 1
        monkeypatch.setattr(airflow, "_version", lambda: "99.0")
        airflow.migrate(layout)
        assert calls.read_text().count("called") == 2

    def test_a_database_that_is_gone_is_made_again(self, layout: Layout, calls: Path) -> None:
        airflow.migrate(layout)
        (layout.state_dir / "airflow" / "airflow.db").unlink()
        airflow.migrate(layout)
        assert calls.read_text().count("called") == 2

    def test_a_refusal_names_the_log_and_the_remedy_and_is_tried_again(
        self, layout: Layout, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(
            airflow, "command", lambda _part: [sys.executable, "-c", "raise SystemExit('bad')"]
        )
        for _ in range(2):
            with pytest.raises(StackError, match=r"airflow-db\.log\. `rm -r .*airflow` starts afresh"):
                airflow.migrate(layout)
        assert "bad" in (layout.log_dir / "airflow-db.log").read_text()


@pytest.fixture
def api() -> Iterator[HttpService]:
    with HttpService() as service:
        service.answers["GET", "/auth/token"] = (200, {"access_token": "jwt"})
        yield service


@pytest.fixture
def up(layout: Layout, api: HttpService) -> Layout:
    return layout.model_copy(update={"airflow_port": api.port})


class TestHealth:
    HEALTHY = ("scheduler", "dag_processor", "triggerer", "metadatabase")

    def answer(self, api: HttpService, **changed: str) -> None:
        states = dict.fromkeys(self.HEALTHY, "healthy") | changed
        body = {name: {"status": state} for name, state in states.items()}
        api.answers["GET", "/api/v2/monitor/health"] = (200, body)

    def test_all_is_well(self, up: Layout, api: HttpService) -> None:
        self.answer(api)
        assert airflow.health(up) == dict.fromkeys(airflow.PARTS, "ready")

    def test_a_part_that_is_not_well_is_named_in_airflows_words(self, up: Layout, api: HttpService) -> None:
        self.answer(api, dag_processor="unhealthy")
        assert airflow.health(up) == dict.fromkeys(airflow.PARTS, "ready") | {"dag-processor": "unhealthy"}

    @pytest.mark.parametrize("answer", [(200, {"detail": "starting"}), (503, "no"), (200, [])])
    def test_an_answer_that_is_none(self, up: Layout, api: HttpService, answer: tuple[int, Any]) -> None:
        api.answers["GET", "/api/v2/monitor/health"] = answer
        assert airflow.health(up) == {}

    def test_nobody_answers(self, layout: Layout) -> None:
        assert airflow.health(layout) == {}


class TestPools:
    def test_pools_are_made_with_deferred_tasks_counted(self, up: Layout, api: HttpService) -> None:
        api.answers["PATCH", "/api/v2/pools"] = (200, {"create": {"success": ["a"], "errors": []}})
        airflow.ensure_pools(up, {"ecommerce_gold": 1})
        method, path, token, body = api.requests[-1]
        assert (method, path, token) == ("PATCH", "/api/v2/pools", "Bearer jwt")
        (action,) = body["actions"]
        assert action["entities"] == [{"name": "ecommerce_gold", "slots": 1, "include_deferred": True}]
        assert action["action_on_existence"] == "overwrite"

    @pytest.mark.parametrize(
        "answer", [(403, {"detail": "forbidden"}), (200, {"create": {"errors": [{"error": "forbidden"}]}})]
    )
    def test_a_refusal_is_an_error(self, up: Layout, api: HttpService, answer: tuple[int, Any]) -> None:
        api.answers["PATCH", "/api/v2/pools"] = answer
        with pytest.raises(StackError, match=r"refused the pools ecommerce_gold: .*forbidden"):
            airflow.ensure_pools(up, {"ecommerce_gold": 1})
