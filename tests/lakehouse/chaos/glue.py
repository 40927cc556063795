"""The steps as Glue runs, each in a JVM of its own, as deployed."""

import json
import time
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3

from lakehouse.operations.glue_jobs import STEPS, Artifacts, ensure_jobs
from lakehouse.settings import Settings
from tests.lakehouse.embedded_aws import ROOT
from tests.lakehouse.spark_options import LOG_STORE, RETRY_AT_ONCE

if TYPE_CHECKING:
    from lakehouse.steps.run import Run

STEP_OF = {"bronze": "raw_to_bronze", "silver": "bronze_to_silver", "gold": "silver_to_gold"}
_SECONDS = 300
_LIVE = {"STARTING", "RUNNING", "STOPPING", "WAITING"}


class Glue:
    """The project's Glue jobs, deployed to one bucket."""

    def __init__(self, bucket: str, scratch: Path) -> None:
        self.settings = Settings(bucket_name=bucket)
        self.client: Any = boto3.client("glue")
        s3 = boto3.client("s3")
        boto3.client("iam").create_role(
            RoleName=self.settings.glue_role, AssumeRolePolicyDocument=json.dumps({"Statement": []})
        )
        for step in STEPS:
            script = ROOT / "include" / "glue_scripts" / f"{step}.py"
            s3.put_object(Bucket=bucket, Key=f"scripts/glue/{step}.py", Body=script.read_bytes())
        s3.upload_file(str(_wheel(scratch)), bucket, "scripts/lakehouse.whl")
        s3.upload_file(str(LOG_STORE), bucket, "scripts/log-store.jar")
        at = f"s3://{bucket}/scripts"
        ensure_jobs(self.settings, Artifacts(at, f"{at}/lakehouse.whl", f"{at}/log-store.jar", None))

    def start(self, layer: str, task: str, run: "Run") -> tuple[str, str]:
        """Start a task of a run; returns job and Glue run."""
        job = self.settings.job_name(STEP_OF[layer] if task == "candidate" else task)
        arguments = _arguments(replace(run, layer="" if task == "candidate" else layer))
        conf = self.client.get_job(JobName=job)["Job"]["DefaultArguments"]["--conf"]
        impatient = (f"spark.hadoop.fs.s3a.{name}={value}" for name, value in RETRY_AT_ONCE.items())
        arguments["--conf"] = " --conf ".join([conf, *impatient])
        return job, str(self.client.start_job_run(JobName=job, Arguments=arguments)["JobRunId"])

    def wait(self, job: str, glue_run: str) -> tuple[str, str]:
        """(state, message) of a run that is over."""
        deadline = time.monotonic() + _SECONDS
        while True:
            run = self.client.get_job_run(JobName=job, RunId=glue_run)["JobRun"]
            if run["JobRunState"] not in _LIVE:
                return run["JobRunState"], run.get("ErrorMessage", "")
            assert time.monotonic() < deadline, f"{glue_run} of {job} is still {run['JobRunState']}"
            time.sleep(0.1)


def _arguments(run: "Run") -> dict[str, str]:
    arguments = {
        "--domain": run.domain,
        "--run-id": run.run_id,
        "--buckets": json.dumps(run.buckets),
        "--expectations-uri": run.expectations_uri,
        "--rejected-share-limit": str(run.rejected_share_limit),
    }
    return {**arguments, "--layer": run.layer} if run.layer else arguments


def _wheel(scratch: Path) -> Path:
    """The engine as it is in the checkout."""
    target = scratch / "lakehouse.whl"
    with zipfile.ZipFile(target, "w") as wheel:
        for path in sorted((ROOT / "lakehouse").rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                wheel.write(path, path.relative_to(ROOT).as_posix())
    return target
