"""Airflow's config section `[lakehouse]`: how often to poll, how often to retry, whom to tell.

Set a key in airflow.cfg, as an MWAA configuration option (`lakehouse.glue_waiter_delay`) or as an environment
variable (`AIRFLOW__LAKEHOUSE__GLUE_WAITER_DELAY`). The defaults suit AWS; a laptop polls faster.
"""

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from airflow.sdk import conf

SECTION = "lakehouse"

type Alert = Literal["failures", "quality", "delays"]


@dataclass(frozen=True)
class Configuration:
    """Poll intervals and waits are seconds."""

    glue_waiter_delay: float
    glue_waiter_max_attempts: int
    """Polls of a deferred task before its Glue run is stopped; by default the timeout and ten minutes."""
    glue_sync_seconds: float
    """How long a task polls its Glue run on the worker before it defers: a deferral costs seconds."""
    glue_verbose: bool
    """Whether a task's log shows the log of its Glue run."""
    athena_waiter_delay: float
    sensor_poke_interval: float
    wait_minutes: int
    """Default of the trigger form's `wait_minutes`."""
    task_retries: int
    task_retry_delay: timedelta
    task_timeout: timedelta
    topics: Mapping[Alert, str]
    """Kind of alert → ARN of the SNS topic that is told; empty: nobody is."""
    runbooks_url: str
    """Base URL of the runbooks' pages; empty: messages name their path in the repository."""
    metrics_log_group: str
    """Log group for metrics in embedded metric format; empty: no metrics."""
    arrivals_queue: str
    """URL of the SQS queue that receives the buckets' S3 events; empty: runs start by the clock alone."""
    arrivals_poll_interval: float


def configuration() -> Configuration:
    """Read the section; raises AirflowConfigException on a value of the wrong type."""
    delay = _seconds("glue_waiter_delay", 60)
    timeout = timedelta(minutes=_seconds("task_timeout_minutes", 120))
    attempts = math.ceil((timeout.total_seconds() + 600) / max(delay, 0.1))
    return Configuration(
        glue_waiter_delay=delay,
        glue_waiter_max_attempts=conf.getint(SECTION, "glue_waiter_max_attempts", fallback=attempts),
        glue_sync_seconds=_seconds("glue_sync_seconds", 0),
        glue_verbose=conf.getboolean(SECTION, "glue_verbose", fallback=True),
        athena_waiter_delay=_seconds("athena_waiter_delay", 2),
        sensor_poke_interval=_seconds("sensor_poke_interval", 60),
        wait_minutes=conf.getint(SECTION, "wait_minutes", fallback=60),
        task_retries=conf.getint(SECTION, "task_retries", fallback=2),
        task_retry_delay=timedelta(seconds=_seconds("task_retry_delay", 60)),
        task_timeout=timeout,
        topics=_topics(),
        runbooks_url=conf.get(SECTION, "runbooks_url", fallback=""),
        metrics_log_group=conf.get(SECTION, "metrics_log_group", fallback=""),
        arrivals_queue=os.environ.get("LAKEHOUSE_ARRIVALS_QUEUE")
        or conf.get(SECTION, "arrivals_queue", fallback=""),
        arrivals_poll_interval=_seconds("arrivals_poll_interval", 20),
    )


def _topics() -> dict[Alert, str]:
    """A kind without a topic of its own is told where failures are."""
    failures = conf.get(SECTION, "sns_topic_arn", fallback="")
    return {
        "failures": failures,
        "quality": conf.get(SECTION, "sns_quality_topic_arn", fallback="") or failures,
        "delays": conf.get(SECTION, "sns_delay_topic_arn", fallback="") or failures,
    }


def _seconds(key: str, default: float) -> float:
    return conf.getfloat(SECTION, key, fallback=default)
