"""The Glue jobs: one for each step, created or brought up to date.

A job that infrastructure as code has made, told by its tag, keeps what that gave it; only its code is switched.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import boto3

from lakehouse.settings import Settings

log = logging.getLogger(__name__)

STEPS = ("raw_to_bronze", "bronze_to_silver", "silver_to_gold", "publish", "maintain", "restore", "replay")

_LOG_STORE = "lakehouse.S3ConditionalPutLogStore"
_CONF = {
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    # Delta's own log store loses commits of concurrent drivers on S3.
    "spark.delta.logStore.s3.impl": _LOG_STORE,
    "spark.delta.logStore.s3a.impl": _LOG_STORE,
}
CODE_ARGUMENTS = ("--extra-py-files", "--extra-jars", "--python-virtual-env", "--expectations-uri")
"""Default arguments that a deployment switches; the others are of the job's definition."""
OWNER_TAG = "ManagedBy"
"""Tag of a job that something else than `deploy` defines (docs/adr/0010)."""
_NOT_OF_AN_UPDATE = frozenset(
    {"Name", "CreatedOn", "LastModifiedOn", "AllocatedCapacity", "MaxCapacity", "ProfileName"}
)
"""What GetJob tells and UpdateJob refuses; the capacity follows from type and number of workers."""
_MAX_CONCURRENT_RUNS = 10
"""Runs of several domains share a job; the Airflow pools keep one writer per table."""


@dataclass(frozen=True)
class Artifacts:
    """S3 URIs of what was deployed."""

    scripts: str
    """Holds `glue/` and `expectations/`."""
    wheel: str
    log_store: str
    environment: str | None
    """The packed virtual environment; None leaves Glue's own modules."""


def ensure_jobs(settings: Settings, artifacts: Artifacts) -> None:
    """Create or update the job of every step, of every prefix."""
    glue: Any = boto3.client("glue", region_name=settings.region)
    role = _role_arn(settings)
    for prefix in settings.all_job_prefixes():
        for step in STEPS:
            _ensure_job(glue, f"{prefix}{step}", {"Role": role, **definition(settings, step, artifacts)})


def _ensure_job(glue: Any, name: str, definition: dict[str, Any]) -> None:
    try:
        found = glue.get_job(JobName=name)["Job"]
    except glue.exceptions.EntityNotFoundException:
        glue.create_job(Name=name, **definition)
        log.info("created Glue job %s", name)
        return
    is_owned_elsewhere = OWNER_TAG in glue.get_tags(ResourceArn=_job_arn(glue, found, name)).get("Tags", {})
    glue.update_job(
        JobName=name, JobUpdate=_switched(found, definition) if is_owned_elsewhere else definition
    )


def _switched(found: Mapping[str, Any], definition: Mapping[str, Any]) -> dict[str, Any]:
    """The job as it is, with another script and other code: UpdateJob forgets what it is not told."""
    kept = {name: value for name, value in found.items() if name not in _NOT_OF_AN_UPDATE}
    arguments = {
        name: value for name, value in found["DefaultArguments"].items() if name not in CODE_ARGUMENTS
    }
    code = {
        name: definition["DefaultArguments"][name]
        for name in CODE_ARGUMENTS
        if name in definition["DefaultArguments"]
    }
    command = {**found["Command"], "ScriptLocation": definition["Command"]["ScriptLocation"]}
    return {**kept, "Command": command, "DefaultArguments": {**arguments, **code}}


def _job_arn(glue: Any, job: Mapping[str, Any], name: str) -> str:
    """GetTags takes an ARN; partition and account are those of the job's role."""
    partition, account = job["Role"].split(":")[1], job["Role"].split(":")[4]
    region = glue.meta.region_name
    return f"arn:{partition}:glue:{region}:{account}:job/{name}"


def definition(settings: Settings, step: str, artifacts: Artifacts) -> dict[str, Any]:
    """What a step's job is, without its name and role, in the words of CreateJob."""
    arguments = {
        "--extra-py-files": artifacts.wheel,
        "--extra-jars": artifacts.log_store,
        "--expectations-uri": f"{artifacts.scripts}/expectations",
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
