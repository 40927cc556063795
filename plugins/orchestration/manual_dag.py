"""DAGs that only people start, and that ask a person before they change anything."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import DAG, Param

from lakehouse.lifetime import RUN_TIMEOUT
from lakehouse.operations.pools import domains
from lakehouse.settings import Settings
from orchestration.configuration import Configuration
from orchestration.domain_dag import task_defaults

_APPROVAL_TIMEOUT = timedelta(hours=12)


def manual_dag(
    dag_id: str,
    form: Mapping[str, Param],
    settings: Configuration,
    *,
    start_date: datetime,
    doc_md: str | None,
    tags: Sequence[str],
    **macros: Callable[..., str],
) -> DAG:
    """A DAG for one domain, whose form asks for the domain and a reason besides.

    Args:
        dag_id: Its name.
        form: Its own fields.
        settings: Of its tasks.
        start_date: From when on it can run.
        doc_md: The runbook shown in the UI.
        tags: Shown in the UI.
        macros: Of its templates, besides `job_of`.
    """
    return DAG(
        dag_id=dag_id,
        schedule=None,
        start_date=start_date,
        catchup=False,
        max_active_runs=1,
        dagrun_timeout=RUN_TIMEOUT,
        params={
            "domain": Param(domains()[0], type="string", enum=domains(), title="Domain"),
            **form,
            "reason": Param("", type="string", title="Reason", description="Kept with the run."),
        },
        default_args=task_defaults(settings),
        user_defined_macros={"job_of": Settings().job_name, **macros},
        doc_md=doc_md,
        tags=[*tags],
    )


def approval(subject: str, what: str) -> ApprovalOperator:
    """The task that waits until somebody agrees to what the templates say."""
    return ApprovalOperator(
        task_id="approve",
        subject=subject,
        body=f"Reason: {{{{ params.reason or 'none given' }}}}\n\n{what}",
        fail_on_reject=True,
        response_timeout=_APPROVAL_TIMEOUT,
    )
