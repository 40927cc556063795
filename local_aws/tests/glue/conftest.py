"""Jobs on a warm server."""

import re
import time
from types import SimpleNamespace

import pytest

OVER = {"SUCCEEDED", "FAILED", "TIMEOUT", "STOPPED"}
RUN_SECONDS = 300  # a limit, not a measure: cold Spark on a busy machine takes minutes


class Jobs:
    """Creates jobs from source text and runs them."""

    def __init__(self, server, bucket="jobs"):
        self.server, self.bucket = server, bucket
        self.glue, self.s3, self.logs = (server.client(name) for name in ("glue", "s3", "logs"))
        self.s3.create_bucket(Bucket=bucket)

    def put(self, key, body):
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=body)
        return f"s3://{self.bucket}/{key}"

    def create(self, name, script, defaults=None, **options):
        location = self.put(f"scripts/{name}.py", script)
        self.glue.create_job(
            Name=name,
            Role="lake",
            Command={"Name": "glueetl", "ScriptLocation": location, "PythonVersion": "3"},
            GlueVersion="6.0",
            WorkerType="G.1X",
            NumberOfWorkers=2,
            DefaultArguments={"--datalake-formats": "delta"} | (defaults or {}),
            **options,
        )
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

    def lines(self, run_id, kind="output"):
        try:
            found = self.logs.filter_log_events(
                logGroupName=f"/aws-glue/jobs/{kind}", logStreamNames=[run_id]
            )
        except self.logs.exceptions.ResourceNotFoundException:
            return []
        return [event["message"] for event in found["events"]]


@pytest.fixture(scope="session")
def jobs(glue_server):
    return Jobs(glue_server)


@pytest.fixture
def name(request):
    """A job name of the test's own."""
    return re.sub(r"\W+", "-", request.node.name)
