"""The Glue jobs: one for each step, created or brought up to date."""

import logging
from typing import Any

import boto3

from lakehouse.settings import Settings

log = logging.getLogger(__name__)

STEPS = ("raw_to_bronze", "bronze_to_silver", "silver_to_gold", "publish")

_DELTA_CONF = (
    "spark.sql.extensions=io.delta.sql.DeltaSparkSessionExtension"
    " --conf spark.sql.catalog.spark_catalog=org.apache.spark.sql.delta.catalog.DeltaCatalog"
)
_MAX_CONCURRENT_RUNS = 10
"""Runs of several domains share a job; the Airflow pools keep one writer per table."""


def ensure_jobs(settings: Settings, scripts_uri: str, wheel_uri: str, environment_uri: str | None) -> None:
    """Create or update the job of every step; `environment_uri` is the packed virtual environment."""
    glue: Any = boto3.client("glue", region_name=settings.region)
    role = _role_arn(settings)
    for step in STEPS:
        definition = _definition(settings, step, scripts_uri, wheel_uri, environment_uri)
        name = settings.job_name(step)
        try:
            glue.get_job(JobName=name)
        except glue.exceptions.EntityNotFoundException:
            glue.create_job(Name=name, Role=role, **definition)
            log.info("created Glue job %s", name)
        else:
            glue.update_job(JobName=name, JobUpdate={"Role": role, **definition})


def _definition(
    settings: Settings, step: str, scripts_uri: str, wheel_uri: str, environment_uri: str | None
) -> dict[str, Any]:
    arguments = {
        "--extra-py-files": wheel_uri,
        "--datalake-formats": "delta",
        "--conf": _DELTA_CONF,
        "--enable-metrics": "true",
        "--enable-continuous-cloudwatch-log": "true",
        "--job-language": "python",
    }
    if environment_uri:
        arguments["--python-virtual-env"] = environment_uri
    return {
        "Description": f"lakehouse step {step}",
        "Command": {
            "Name": "glueetl",
            "ScriptLocation": f"{scripts_uri}/glue/{step}.py",
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
