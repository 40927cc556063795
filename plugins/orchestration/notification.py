"""Messages to the SNS topics: what, where, since when, what stays as it was, links. Never a value."""

import logging
from typing import Any

from airflow.providers.amazon.aws.hooks.sns import SnsHook
from airflow.sdk import Context

from lakehouse.contract import made_in
from lakehouse.lineage import all_downstream
from lakehouse.operations.pools import domains
from orchestration.configuration import Alert, configuration
from orchestration.failure import VerdictError
from orchestration.plan import STEPS
from orchestration.runbooks import Runbook, runbook_link

logger = logging.getLogger(__name__)

_LAYERS = {step: layer for layer, step in STEPS.items()}
_SUBJECT_LENGTH = 99  # SNS takes "less than 100 characters"


def notify_failure(context: Context) -> None:
    """`on_failure_callback` of every task."""
    error = context.get("exception")
    # Any other error's text may quote data: only its kind is told.
    what = getattr(error, "summary", None) or f"{type(error).__name__ if error else 'it was stopped or lost'}"
    ti = context["ti"]
    notify(
        context,
        alert="quality" if isinstance(error, VerdictError) else "failures",
        runbook=error.runbook if isinstance(error, VerdictError) else "task_failed",
        subject=f"Failed: {ti.dag_id} {ti.task_id}",
        what=f"{ti.dag_id}.{ti.task_id} failed: {what}{_kept_as_they_were(ti.dag_id, ti.task_id)}",
    )


def notify(context: Context, *, alert: Alert, runbook: Runbook, subject: str, what: str) -> None:
    """Publish a message about a task."""
    publish(alert=alert, runbook=runbook, subject=subject, lines=[what, *_where(context)])


def publish(*, alert: Alert, runbook: Runbook, subject: str, lines: list[str]) -> None:
    """Publish a message if a topic is set; a topic out of reach is logged, never an error of the task."""
    settings = configuration()
    topic = settings.topics[alert]
    if not topic:
        return
    message = "\n".join([*lines, f"Runbook: {runbook_link(runbook, settings.runbooks_url)}"])
    try:
        region = topic.split(":")[3]
        hook: Any = SnsHook(aws_conn_id=None, region_name=region)  # type: ignore[no-untyped-call]
        hook.publish_to_target(topic, message, subject[:_SUBJECT_LENGTH])
    except Exception:
        logger.exception("The notification %r did not reach %s", subject, topic)


def _where(context: Context) -> list[str]:
    ti: Any = context["ti"]
    run: Any = context["dag_run"]
    lines = [
        f"Where: DAG {ti.dag_id}, run {ti.run_id}, task {ti.task_id}, attempt {ti.try_number}",
        f"Since: the run started {run.start_date:%Y-%m-%d %H:%M:%S} UTC",
        f"Log: {ti.log_url}",
    ]
    airflow, _, page = str(ti.log_url).partition("/dags/")
    if page:
        lines.append(f"The DAG: {airflow}/dags/{ti.dag_id}, Dag Docs")
    return lines


def _kept_as_they_were(dag_id: str, task_id: str) -> str:
    """Tables that a failed task of a layer leaves unpublished: the layer's, and what is made from them."""
    layer = _LAYERS.get(task_id.partition(".")[0])
    if layer is None or dag_id not in domains():
        return ""
    own = [contract.address for contract in made_in(dag_id, layer)]
    further = [address for table in own for address in all_downstream(table)]
    return f". As before stay {', '.join(map(str, dict.fromkeys((*own, *further))))}"
