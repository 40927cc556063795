"""Real server processes on free ports, each with a state folder of its own."""

import importlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import boto3
import httpx
import pytest

# pytest's importlib mode names this module local_aws.tests.conftest and makes up the parents that it finds no
# package for: the folder local_aws of the checkout would hide the package local_aws.
if getattr(sys.modules.get("local_aws"), "__file__", None) is None:
    sys.modules.pop("local_aws", None)
    importlib.import_module("local_aws")

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "local_aws" / "src"
GLUE_PYTHON = Path(os.environ.get("LOCAL_AWS_GLUE_PYTHON", ROOT / ".venv-glue/bin/python"))
JARS = Path(os.environ.get("LOCAL_AWS_JARS_DIR", ROOT / ".cache/jars"))
START_SECONDS = 90


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """One `python -m local_aws serve` process."""

    def __init__(self, state_dir, *, trino=False, **settings):
        self.state_dir = state_dir
        self.flags = [] if trino else ["--no-trino"]
        self.port = free_port()
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self.settings = {name.upper(): str(value) for name, value in settings.items()}
        self.process = None

    def start(self):
        env = {
            name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "LOCAL_AWS_"))
        }
        env |= {f"LOCAL_AWS_{name}": value for name, value in self.settings.items()}
        env |= {
            "PYTHONPATH": str(SOURCE),
            "LOCAL_AWS_GLUE_PYTHON": str(GLUE_PYTHON),
            "LOCAL_AWS_JARS_DIR": str(JARS),
            # A region or profile of whoever runs the tests must not change what they see.
            "AWS_CONFIG_FILE": os.devnull,
        }
        command = [sys.executable, "-m", "local_aws", "serve"]
        command += ["--port", str(self.port), "--state-dir", str(self.state_dir), *self.flags]
        self.process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.wait_until(lambda: self.health() is not None, "the server to answer")
        return self

    def health(self):
        try:
            return httpx.get(f"{self.endpoint}/_local_aws/health", timeout=5).json()
        except httpx.HTTPError:
            return None

    def wait_until(self, condition, what, seconds=START_SECONDS):
        deadline = time.monotonic() + seconds
        while not condition():
            assert self.process.poll() is None, f"the server ended: {self.process.stdout.read().decode()}"
            assert time.monotonic() < deadline, f"waited {seconds} s for {what}"
            time.sleep(0.05)

    def stop(self, number=signal.SIGTERM):
        """End the process; returns what it printed."""
        if self.process is None:
            return b""
        self.process.send_signal(number)
        printed, _ = self.process.communicate(timeout=60)
        self.process = None
        return printed

    def client(self, service, key="test", secret="test", token=None):
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            aws_session_token=token,
        )


@pytest.fixture(scope="session")
def storage(tmp_path_factory):
    """A server without Spark: S3, catalog and the like."""
    server = Server(tmp_path_factory.mktemp("storage"), glue_warm="false", minute_seconds=1).start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def glue_server(tmp_path_factory):
    """A server with a warm Spark; a minute of a job's Timeout lasts 4 seconds."""
    server = Server(tmp_path_factory.mktemp("glue"), minute_seconds=4, stop_grace_seconds=1).start()
    yield server
    server.stop()


@pytest.fixture
def lone_server(tmp_path):
    """A server for one test, which may stop, kill and start it."""
    server = Server(tmp_path / "state", glue_warm="false").start()
    yield server
    server.stop(signal.SIGKILL)


@pytest.fixture(scope="session")
def s3(storage):
    return storage.client("s3")


@pytest.fixture
def bucket(s3, request):
    """An empty bucket of the test's own."""
    name = request.node.name.lower().replace("_", "-").split("[")[0][-50:].strip("-")
    s3.create_bucket(Bucket=name)
    return name
