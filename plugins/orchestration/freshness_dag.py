"""The DAG that watches over the freshness of every domain's gold."""

from datetime import datetime

from airflow.sdk import DAG

from lakehouse.operations.pools import domains
from orchestration.configuration import configuration
from orchestration.freshness_operator import FreshnessOperator


def build_freshness_dag(dag_id: str, *, cron: str, start_date: datetime, doc_md: str | None) -> DAG:
    """Build the DAG: a task per domain, which reads two documents and starts nothing.

    Args:
        dag_id: Its name.
        cron: When to look (UTC).
        start_date: From when on.
        doc_md: The runbook shown in the UI.
    """
    settings = configuration()
    with DAG(
        dag_id=dag_id,
        schedule=cron,
        start_date=start_date,
        catchup=False,
        max_active_runs=1,
        default_args={"owner": "lakehouse", "retries": 0},
        doc_md=doc_md,
        tags=["operations", "lakehouse"],
    ) as dag:
        for domain in domains():
            # Tells of lateness itself, once, so has no callback that tells of each failure.
            FreshnessOperator(task_id=domain, domain=domain, settings=settings)
    return dag
