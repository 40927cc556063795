"""The Glue jobs: one for each step, created or brought up to date."""

import logging
from dataclasses import dataclass
from typing import Any

import boto3

from lakehouse.settings import Settings

log = logging.getLogger(__name__)

STEPS = ("raw_to_bronze", "bronze_to_silver", "silver_to_gold", "publish", "optimize")

_LOG_STORE = "lakehouse.S3ConditionalPutLogStore"
_CONF = {
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    # Delta's own log store loses commits of concurrent drivers on S3.
    "spark.delta.logStore.s3.impl": _LOG_STORE,
    "spark.delta.logStore.s3a.impl": _LOG_STORE,
}
_MAX_CONCURRENT_RUNS = 10
"""Runs of several domains share a job; the Airflow pools keep one writer per table."""


@dataclass(frozen=True)
class Artifacts:
    """S3 URIs of what was deployed."""

    scripts: str
    wheel: str
    log_store: str
    environment: str | None
    """The packed virtual environment; None leaves Glue's own modules."""


def ensure_jobs(settings: Settings, artifacts: Artifacts) -> None:
    """Create or update the job of every step."""
    glue: Any = boto3.client("glue", region_name=settings.region)
    role = _role_arn(settings)
    for step in STEPS:
        definition = _definition(settings, step, artifacts)
        name = settings.job_name(step)
        try:
            glue.get_job(JobName=name)
        except glue.exceptions.EntityNotFoundException:
            glue.create_job(Name=name, Role=role, **definition)
            log.info("created Glue job %s", name)
        else:
            glue.update_job(JobName=name, JobUpdate={"Role": role, **definition})


def _definition(settings: Settings, step: str, artifacts: Artifacts) -> dict[str, Any]:
    arguments = {
        "--extra-py-files": artifacts.wheel,
        "--extra-jars": artifacts.log_store,
        "--datalake-formats": "delta",
        "--conf": " --conf ".join(f"{key}={value}" for key, value in _CONF.items()),
        "--enable-metrics": "true",
        "--enable-continuous-cloudwatch-log": "true",
        "--job-language": "python",
    }
    if artifacts.environment:
        arguments["--python-virtual-env"] = artifacts.environment
    return {
        "Description": f"lakehouse step {step}",
        "Command": {
            "Name": "glueetl",
            "ScriptLocation": f"{artifacts.scripts}/glue/{step}.py",
            "PythonVersion": "3",
        },
        "DefaultArguments": arguments,
        "GlueVersion": settings.glue_version,
        "WorkerType": settings.worker_type,
        "NumberOfWorkers": settings.number_of_workers,
        "Timeout": settings.job_timeout_minutes,
        # Retries live in Airflow, where they are seen; two places of retries multiply.
        "MaxRetries": 0,
        "ExecutionProperty": {"MaxConcurrentRuns": _MAX_CONCURRENT_RUNS},
    }


def _role_arn(settings: Settings) -> str:
    return str(boto3.client("iam").get_role(RoleName=settings.glue_role)["Role"]["Arn"])
