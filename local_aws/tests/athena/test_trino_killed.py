"""Trino dies under a query of a server of the test's own."""

import os
import signal
import time
from pathlib import Path

import pytest

from local_aws.tests.conftest import JARS, Server, free_port

pytestmark = pytest.mark.stack

NUMBERS = "UNNEST(sequence(1, 10000))"
ENDLESS = f"SELECT count(*) FROM {NUMBERS} a(x), {NUMBERS} b(y), {NUMBERS} c(z)"
OVER = ("SUCCEEDED", "FAILED", "CANCELLED")
SECONDS = 240


@pytest.fixture
def server(tmp_path):
    home = JARS.parent / "trino"
    server = Server(
        tmp_path / "state", trino=True, trino_home=home, trino_port=free_port(), glue_warm="false"
    )
    yield server.start()
    server.stop()


@pytest.fixture
def athena(server):
    server.client("s3").create_bucket(Bucket="lake")
    return server.client("athena")


def start(athena, sql):
    output = {"OutputLocation": "s3://lake/results/"}
    return athena.start_query_execution(QueryString=sql, ResultConfiguration=output)["QueryExecutionId"]


def status_of(athena, query, states):
    """The status of a query, once its state is one of these."""
    until = time.monotonic() + SECONDS
    while True:
        status = athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]
        if status["State"] in states:
            return status
        assert time.monotonic() < until, status
        time.sleep(0.2)


def trino_of(server):
    """Process id of the server's Trino: the Java, not the shell around it, with a configuration in its state folder."""
    mark = f"-Dconfig={server.state_dir}".encode()
    lines = {path.parent.name: path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline")}
    (found,) = [
        number for number, line in lines.items() if mark in line and line.split(b"\0")[0].endswith(b"/java")
    ]
    return int(found)


def test_a_query_under_way_fails_with_a_reason_and_the_next_one_works(server, athena):
    assert status_of(athena, start(athena, "SELECT 1"), OVER)["State"] == "SUCCEEDED"
    endless = start(athena, ENDLESS)
    status_of(athena, endless, ("RUNNING",))
    time.sleep(1)
    os.kill(trino_of(server), signal.SIGKILL)
    status = status_of(athena, endless, OVER)
    assert status["State"] == "FAILED"
    assert "Trino went away while the query ran" in status["StateChangeReason"]
    assert status["AthenaError"]["Retryable"] is True
    assert status_of(athena, start(athena, "SELECT 2"), OVER)["State"] == "SUCCEEDED"
