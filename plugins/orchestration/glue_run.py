"""One Glue run: its states, its arguments as identity, its log."""

from collections.abc import Mapping
from typing import Any

from airflow.providers.amazon.aws.hooks.glue import get_glue_log_group_names
from botocore.exceptions import BotoCoreError, ClientError

LIVE = ("STARTING", "RUNNING", "WAITING", "STOPPING")
"""States from which a run still moves on; every other state is final."""

IDENTITY = ("--domain", "--run-id", "--layer")
"""Arguments that tell which task of which DAG run a Glue run works for."""

_EVENTS_PER_CALL = 10_000
_RUNS_TO_LOOK_AT = 200  # AWS lists the newest first and keeps them for months


def live_runs(client: Any, job_name: str, arguments: Mapping[str, str]) -> list[dict[str, Any]]:
    """Runs of a job that are not over and work for the same task of the same DAG run, newest first."""
    identity = {key: arguments.get(key) for key in IDENTITY}
    return [run for run in runs_of(client, job_name, identity) if run["JobRunState"] in LIVE]


def runs_of(client: Any, job_name: str, identity: Mapping[str, str | None]) -> list[dict[str, Any]]:
    """Runs of a job that were given these arguments, or were not given those that are None, newest first."""
    return [
        run
        for page in client.get_paginator("get_job_runs").paginate(
            JobName=job_name, PaginationConfig={"MaxItems": _RUNS_TO_LOOK_AT}
        )
        for run in page["JobRuns"]
        if {key: run.get("Arguments", {}).get(key) for key in identity} == identity
    ]


def outcome(run: Mapping[str, Any]) -> str:
    """One sentence on a run that ended badly."""
    group = run.get("LogGroupName", "/aws-glue/jobs")
    return (
        f"Glue run {run['Id']} of job {run['JobName']} ended {run['JobRunState']}: "
        f"{run.get('ErrorMessage') or 'no message'}. Its log: CloudWatch {group}/error, stream {run['Id']}"
    )


class LogCursor:
    """Where reading a run's two log streams stopped; `tokens` survives a deferral."""

    def __init__(self, tokens: Mapping[str, str] | None = None) -> None:
        self.tokens: dict[str, str] = {**(tokens or {})}

    def requests(self, run: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Arguments of the next GetLogEvents calls."""
        if "LogGroupName" not in run:
            return []
        return [
            {
                "logGroupName": group,
                "logStreamName": run["Id"],
                "startFromHead": True,
                "limit": _EVENTS_PER_CALL,
                **({"nextToken": self.tokens[group]} if group in self.tokens else {}),
            }
            for group in get_glue_log_group_names(dict(run))
        ]

    def advance(self, request: Mapping[str, Any], response: Mapping[str, Any]) -> str:
        """Remember where the response ends; returns its lines, empty when there is nothing new."""
        self.tokens[request["logGroupName"]] = response["nextForwardToken"]
        return "\n".join(event["message"].rstrip() for event in response["events"])


def is_missing(error: Exception) -> bool:
    """Whether AWS says that the thing asked for does not exist."""
    code = error.response["Error"]["Code"] if isinstance(error, ClientError) else ""
    return code in {"EntityNotFoundException", "ResourceNotFoundException"}


AWS_ERRORS = (ClientError, BotoCoreError)
