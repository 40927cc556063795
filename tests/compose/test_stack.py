"""`docker compose up` as a developer uses it: built, started, the ecommerce DAG run in it, stopped, started again.

`make compose-test`; needs a Docker that runs and its compose. Images take a quarter of an hour to build for the first
time. On a machine that reaches no registry of images, docker/stand_in.sh comes first.
"""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from laptop import airflow
from tests.end_to_end.expected import GOLD, assert_equal_to_oracle
from tests.end_to_end.stack import Stack, free_port

ROOT = Path(__file__).parents[2]
SAMPLE = [
    path for path in sorted((ROOT / "sample" / "ecommerce").iterdir()) if path.suffix in {".csv", ".xlsx"}
]
PROJECT = "lakehouse-test"

pytestmark = pytest.mark.timeout(5400)


class Compose:
    """Containers, network and volumes of a project of the test's own."""

    def __init__(self, ports: dict[str, str]) -> None:
        self.environment = {**os.environ, **ports, "COMPOSE_PARALLEL_LIMIT": "1"}

    def __call__(self, *words: str) -> str:
        """Output of a command that must succeed."""
        done = subprocess.run(
            ["docker", "compose", "--project-name", PROJECT, *words],
            check=False,
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if done.returncode:
            logs = "" if words[0] == "logs" else self("logs", "--tail", "30")
            pytest.fail(f"docker compose {' '.join(words)}:\n{done.stdout[-5000:]}\n{logs}")
        return done.stdout

    def lakehouse(self, *words: str) -> str:
        """Output of the command line, run in a container."""
        return self("run", "--rm", "--quiet-pull", "lakehouse", *words)

    def up(self) -> None:
        """Start what `docker compose up` starts, and wait until it is well."""
        self("up", "--detach", "--wait", "--wait-timeout", "1800")


DEFAULT = {"gateway", "postgres", "aws", *(f"airflow-{part}" for part in airflow.PARTS)}


@pytest.fixture(scope="module")
def ports() -> dict[str, str]:
    return {f"LAKEHOUSE_LAPTOP_{part}_PORT": str(free_port()) for part in ("AWS", "TRINO", "AIRFLOW")}


@pytest.fixture(scope="module")
def compose(ports: dict[str, str]) -> Iterator[Compose]:
    """The stack, built and up; nothing of it is left."""
    made = Compose(ports)
    try:
        made("build", "gateway")
        made("build", "aws")
        made.up()
        yield made
    finally:
        made("down", "--volumes", "--timeout", "60")


@pytest.fixture(scope="module")
def lake(ports: dict[str, str]) -> Stack:
    """The same AWS, as this machine reaches it."""
    return Stack(Path(), ports)


def test_every_part_is_well_and_nobody_is_root(compose: Compose) -> None:
    lines = compose("ps", "--format", "json").splitlines()
    states = {state["Service"]: state["Health"] for state in map(json.loads, lines)}
    assert states == dict.fromkeys(DEFAULT, "healthy")
    for service in DEFAULT:
        assert compose("exec", "--no-TTY", service, "id", "-u").strip() != "0"


def test_the_dag_runs_on_the_bundled_sample_and_gold_is_right(compose: Compose, lake: Stack) -> None:
    output = compose.lakehouse("run", "ecommerce", "--data-dir", "sample/ecommerce")
    for name in GOLD:
        assert f"ecommerce.gold.{name}" in output
    assert_equal_to_oracle(lake, [SAMPLE])


def test_what_is_stored_survives(compose: Compose, lake: Stack) -> None:
    compose("down", "--timeout", "60")
    compose.up()
    assert_equal_to_oracle(lake, [SAMPLE])
    assert "Nothing new" in compose.lakehouse("run", "ecommerce")
