"""A real S3 for tests whose Spark reads and writes it: the embedded AWS in a process of its own."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

ROOT = Path(__file__).parents[2]
# The checkout keeps two environments; the embedded AWS lives in that of Airflow and the command line.
PYTHON = Path(os.environ.get("LAKEHOUSE_PYTHON", ROOT / ".venv/bin/python"))
START_SECONDS = 120

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}


@contextmanager
def embedded_aws(state_dir: Path) -> Iterator[str]:
    """Serve S3, without Spark and Trino, and yield the endpoint's URL."""
    port = _free_port()
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "LOCAL_"))}
    command = [str(PYTHON), "-m", "local_aws", "serve", "--port", str(port), "--state-dir", str(state_dir)]
    log = state_dir.with_suffix(".log")
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "--no-trino", "--no-warm"],
            env={**inherited, "PYTHONPATH": str(ROOT / "local_aws" / "src")},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_until_healthy(process, port, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=60)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_healthy(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _is_healthy(port):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the embedded AWS does not answer: {log.read_text(errors='replace')}")
        time.sleep(0.1)


def _is_healthy(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/_local_aws/health")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
