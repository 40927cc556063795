"""``lakehouse chaos`` as a user types it, against the admin API as it is."""

import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from click.testing import Result
from typer.testing import CliRunner
from werkzeug.serving import make_server

from laptop.__main__ import app
from laptop.layout import Layout
from laptop.record import Part, Record
from local_aws.faults import admin
from local_aws.faults.client import FaultClient
from local_aws.faults.plan import Firing
from local_aws.faults.plane import FaultPlane


@pytest.fixture(autouse=True)
def _own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAKEHOUSE_LAPTOP_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("COLUMNS", "200")


class Plane(FaultPlane):
    """A fault plane behind its admin API and nothing else."""

    port: int

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        return admin.serve(self, environ, start_response)


@pytest.fixture
def plane(tmp_path: Path) -> Iterator[Plane]:
    """The fault plane of the stack that is up."""
    plane = Plane()
    server = make_server("127.0.0.1", 0, plane)
    plane.port = server.server_port
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    part = Part(name="aws", pid=os.getpid(), created=psutil.Process().create_time())
    Record(layout=Layout(aws_port=plane.port), parts=[part]).save()
    yield plane
    server.shutdown()
    server.server_close()


def chaos(*words: str) -> Result:
    return CliRunner().invoke(app, ["chaos", *words])


def add(*words: str) -> Result:
    return chaos("add", "--service", "s3", "--operation", "PutObject", "--fault", "slow_down", *words)


def test_add_puts_a_rule_behind_the_others(plane: Plane) -> None:
    assert add("--rate", "0.3", "--seed", "7").exit_code == 0
    result = add("--nth", "2", "--resource", "*/_delta_log/*.json", "--client", "hadoop")
    assert result.output.strip() == "Rule 1 is in force, seed 7."
    state = plane.state()
    assert state.seed == 7
    assert [item.rule.model_dump(exclude_defaults=True) for item in state.rules] == [
        {"service": "s3", "operation": "PutObject", "fault": "slow_down", "rate": 0.3},
        {
            "service": "s3",
            "operation": "PutObject",
            "fault": "slow_down",
            "nth": 2,
            "resource": "*/_delta_log/*.json",
            "client": "hadoop",
        },
    ]


def test_a_rule_that_does_not_hold_says_what_to_give(plane: Plane) -> None:
    result = add()
    assert "give either rate (a share of the calls) or nth (one call)" in str(result.exception)
    assert plane.rules == ()


def test_another_seed_is_refused_while_there_are_rules(plane: Plane) -> None:
    add("--rate", "0.3", "--seed", "7")
    result = add("--rate", "0.3", "--seed", "8")
    assert str(result.exception) == (
        "The rules in force have seed 7: leave out the seed, or clear them first"
    )


def test_show_tells_rules_counters_and_firings(plane: Plane) -> None:
    assert "Nothing is to go wrong." in chaos("show").output
    add("--rate", "0.5", "--count", "4")
    plane.rules[0].matched, plane.rules[0].fired = 31, 4
    firing = Firing(
        rule=0,
        ordinal=29,
        fault="slow_down",
        service="s3",
        operation="PutObject",
        resource="lake/silver/[x]",
        client="Boto3",
        time="2025-04-01T00:00:00.000+00:00",
    )
    plane._firings.append(firing)
    shown = chaos("show").output
    assert "rate 0.5, 4 times" in shown
    assert {"31", "4", "29", "lake/silver/[x]"} <= set(shown.split())


def test_what_show_prints_can_be_loaded(plane: Plane, tmp_path: Path) -> None:
    add("--rate", "0.3", "--seed", "7")
    path = tmp_path / "plan.json"
    path.write_text(chaos("show", "--json").output)
    plane.rules[0].matched = 5
    assert json.loads(path.read_text())["seed"] == 7
    assert chaos("load", str(path)).output.strip() == "1 rules are in force, seed 7."
    assert [(item.rule.rate, item.matched) for item in plane.state().rules] == [(0.3, 0)]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"rules": [{"service": "s3", "fault": "fire", "nth": 1}]}', "rules.0.fault"),
        ('{"rules": [{"service": "s3", "fault": "query_failed", "nth": 1}]}', "only on service athena"),
        ("no json", "Invalid JSON"),
    ],
)
def test_a_file_that_is_no_plan_is_named(plane: Plane, tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "plan.json"
    path.write_text(content)
    message = str(chaos("load", str(path)).exception)
    assert message.startswith(f"{path} is not a plan: ")
    assert said in message


def test_clear(plane: Plane) -> None:
    add("--rate", "0.3")
    assert chaos("clear").exit_code == 0
    assert plane.rules == ()


def test_another_server_by_its_url(plane: Plane, tmp_path: Path) -> None:
    (tmp_path / "state" / "stack.json").unlink()
    assert add("--nth", "1", "--endpoint", f"http://127.0.0.1:{plane.port}").exit_code == 0
    assert FaultClient(f"http://127.0.0.1:{plane.port}").state()["rules"][0]["rule"]["nth"] == 1


@pytest.mark.parametrize("words", [["show"], ["clear"]])
def test_nothing_is_up(words: list[str]) -> None:
    assert str(chaos(*words).exception) == "nothing is up; start with `lakehouse up`"


def test_nobody_answers() -> None:
    message = str(chaos("show", "--endpoint", "http://127.0.0.1:1").exception)
    assert message == "No embedded AWS answers at http://127.0.0.1:1: start it, or correct the URL"


def test_the_lakehouse_command_has_it(plane: Plane) -> None:
    from lakehouse.cli import main

    result = CliRunner().invoke(main.app, ["chaos", "show"])
    assert result.output.strip() == "Nothing is to go wrong."
