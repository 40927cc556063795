"""Jobs on a warm server."""

import re
import time
from types import SimpleNamespace
from typing import ClassVar

import pytest

OVER = {"SUCCEEDED", "FAILED", "TIMEOUT", "STOPPED"}
RUN_SECONDS = 300  # a limit, not a measure: cold Spark on a busy machine takes minutes


class Jobs:
    """Creates jobs from source text and runs them."""

    command = "glueetl"
    sizes: ClassVar = {"GlueVersion": "6.0", "WorkerType": "G.1X", "NumberOfWorkers": 2}

    def __init__(self, server, bucket="jobs"):
        self.server, self.bucket = server, bucket
        self.glue, self.s3, self.logs = (server.client(name) for name in ("glue", "s3", "logs"))
        self.s3.create_bucket(Bucket=bucket)

    def put(self, key, body):
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=body)
        return f"s3://{self.bucket}/{key}"

    def create(self, name, script, defaults=None, **options):
        location = self.put(f"scripts/{name}.py", script)
        definition = {
            "Name": name,
            "Role": "lake",
            "Command": {"Name": self.command, "ScriptLocation": location, "PythonVersion": "3"},
            "DefaultArguments": {"--datalake-formats": "delta"} | (defaults or {}),
            **self.sizes,
            **options,
        }
        self.glue.create_job(**definition)
        return name

    def start(self, name, **arguments):
        named = {f"--{key.replace('_', '-')}": value for key, value in arguments.items()}
        return SimpleNamespace(
            name=name, id=self.glue.start_job_run(JobName=name, Arguments=named)["JobRunId"]
        )

    def get(self, run):
        return self.glue.get_job_run(JobName=run.name, RunId=run.id)["JobRun"]

    def state(self, run):
        return self.get(run)["JobRunState"]

    def wait(self, run, states=OVER):
        deadline = time.monotonic() + RUN_SECONDS
        while self.state(run) not in states:
            assert time.monotonic() < deadline, f"waited {RUN_SECONDS} s for {states}, run is {self.get(run)}"
            time.sleep(0.05)
        return self.get(run)

    def run(self, name, **arguments):
        return self.wait(self.start(name, **arguments))

    def lines(self, run_id, kind="output", group="/aws-glue/jobs"):
        try:
            found = self.logs.filter_log_events(logGroupName=f"{group}/{kind}", logStreamNames=[run_id])
        except self.logs.exceptions.ResourceNotFoundException:
            return []
        return [event["message"] for event in found["events"]]


class ShellJobs(Jobs):
    """Python shell jobs, which need no Spark."""

    command = "pythonshell"
    sizes: ClassVar = {}


@pytest.fixture(scope="session")
def shell(storage):
    return ShellJobs(storage, "shell-jobs")


@pytest.fixture(scope="session")
def jobs(glue_server):
    return Jobs(glue_server)


@pytest.fixture
def name(request):
    """A job name of the test's own."""
    return re.sub(r"\W+", "-", request.node.name)
