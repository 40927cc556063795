"""`docker compose up` as a developer uses it: built, started, the ecommerce DAG run in it, stopped, started again.

`make compose-test`; needs a Docker that runs and its compose. Images take a quarter of an hour to build for the first
time. On a machine that reaches no registry of images, docker/stand_in.sh comes first.
"""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed

from laptop import airflow
from tests.end_to_end.expected import GOLD, assert_equal_to_oracle
from tests.end_to_end.stack import SAMPLE, Stack, free_port

ROOT = Path(__file__).parents[2]
PROJECT = "lakehouse-test"
VAULT = "market-data-vault"
NOT_OF_PACKAGES = ("-path", "*/.venv*", "-prune", "-o", "-path", "*/.cache", "-prune", "-o")
"""What `find` passes over: tests that other people's packages bring are theirs."""
SECRET_FILES = re.compile(r"^\.env$|\.pem$|\.key$|^id_rsa|^credentials$|^\.git$")
SECRET_WORDS = re.compile(r"AWS_SECRET|PASSWORD|TOKEN|PRIVATE KEY", re.IGNORECASE)

pytestmark = pytest.mark.timeout(5400)


def docker(*words: str) -> str:
    """Output of a command of Docker that must succeed."""
    return subprocess.run(["docker", *words], check=True, stdout=subprocess.PIPE, text=True).stdout


class Compose:
    """Containers, network and volumes of a project of the test's own."""

    def __init__(self, ports: dict[str, str]) -> None:
        self.environment = {
            **os.environ,
            **ports,
            "COMPOSE_PARALLEL_LIMIT": "1",
            "LAKEHOUSE_RECORDER_SEGMENT_AGE": "10",
        }

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


def test_images_carry_no_tests_and_no_secrets(compose: Compose) -> None:
    for image in ("lakehouse-airflow:development", "lakehouse-aws:development"):
        files = docker(
            "run", "--rm", "--entrypoint", "find", image, "/opt/lakehouse", *NOT_OF_PACKAGES, "-print"
        )
        names = {Path(line).relative_to("/opt/lakehouse") for line in files.splitlines()}
        assert {"dags", "lakehouse"} <= {name.parts[0] for name in names if name.parts}
        assert [name for name in names if "tests" in name.parts or SECRET_FILES.search(name.name)] == []
        made = docker("image", "history", "--no-trunc", "--format", "{{.CreatedBy}}", image)
        told = docker("image", "inspect", "--format", "{{json .Config.Env}}", image)
        assert SECRET_WORDS.search(made + told) is None


def test_the_recorder_brings_whole_segments_of_the_exchange_into_the_vault(
    compose: Compose, lake: Stack
) -> None:
    compose("--profile", "market_data", "up", "--detach", "--wait", "--wait-timeout", "600")
    try:
        counters = [line["counter"] for line in recorded_lines(lake)]
    finally:
        compose("rm", "--stop", "--force", "recorder", "exchange")
    assert len(counters) > 100
    assert counters == list(range(len(counters)))


@retry(
    stop=stop_after_delay(180),
    wait=wait_fixed(3),
    retry=retry_if_exception_type(AssertionError),
    reraise=True,
)
def recorded_lines(lake: Stack) -> list[dict[str, Any]]:
    """Lines of the segments that are ready, two of them or more, in their order."""
    s3 = lake.client("s3")
    found = s3.list_objects_v2(Bucket=VAULT, Prefix="raw/ready/coinbase/segment_").get("Contents", [])
    assert len(found) > 1, "the recorder has not finished two segments"
    bodies = (s3.get_object(Bucket=VAULT, Key=one["Key"])["Body"].read() for one in found)
    return [json.loads(line) for body in bodies for line in body.splitlines()]


def test_what_is_stored_survives(compose: Compose, lake: Stack) -> None:
    compose("down", "--timeout", "60")
    compose.up()
    assert_equal_to_oracle(lake, [SAMPLE])
    assert "Nothing new" in compose.lakehouse("run", "ecommerce")
