"""The DAG that keeps tables fast: one Glue run for each domain."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from airflow.sdk import DAG, Context, CronTriggerTimetable, Param, get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException

from lakehouse.lifetime import RUN_TIMEOUT
from lakehouse.operations.pools import domains
from lakehouse.settings import Settings
from orchestration.configuration import configuration
from orchestration.documents import read_document
from orchestration.domain_dag import task_defaults
from orchestration.glue_step import GlueStepOperator
from orchestration.plan import Plan, resolve


class MaintainOperator(GlueStepOperator):
    """Maintains the tables of a domain, and logs what the run reports. Skipped where the form does not name it."""

    def __init__(self, *, domain: str, **kwargs: Any) -> None:
        super().__init__(step="maintain", layer="", domain=domain, **kwargs)
        self.domain = domain

    def plan(self, context: Context) -> Plan:
        return Plan.model_validate(context["ti"].xcom_pull(task_ids="plan")[self.domain])

    def arguments(self, plan: Plan, context: Context) -> dict[str, str]:
        if plan.domain not in context["params"]["domains"]:
            raise AirflowSkipException(f"{plan.domain} is not among this run's domains")
        return {"--dry-run": str(context["params"]["dry_run"]).lower()}

    def result(self, plan: Plan) -> dict[str, int]:
        """How many tables there are, how many were rewritten and vacuumed, and how many runs' candidates swept."""
        uri = plan.uri("metadata", "maintenance", plan.domain, f"{plan.run_id}.json")
        report = read_document(uri, written_by=self.task_id)
        for address, table in report["tables"].items():
            self.log.info("%s: %s", address, _told(table))
        for prefix, objects in report["stale_candidates"].items():
            self.log.info("stale: %s, %d objects", prefix, objects)
        done = [action for table in report["tables"].values() for action in table["actions"]]
        return {
            "tables": len(report["tables"]),
            "rewritten": sum(action in {"compact", "z_order"} for action in done),
            "vacuumed": done.count("vacuum"),
            "stale_candidates": len(report["stale_candidates"]),
        }


def build_maintenance_dag(*, cron: str, start_date: datetime, doc_md: str | None, tags: Sequence[str]) -> DAG:
    """Build the DAG `maintenance`, with a task for each domain that has contracts.

    Args:
        cron: When runs start by the clock (UTC).
        start_date: From when on they do.
        doc_md: The runbook shown in the UI.
        tags: Shown in the UI.
    """
    settings = configuration()
    with DAG(
        dag_id="maintenance",
        schedule=CronTriggerTimetable(cron, timezone="UTC"),
        start_date=start_date,
        catchup=False,
        max_active_runs=1,
        dagrun_timeout=RUN_TIMEOUT,
        params=_form(),
        default_args=task_defaults(settings),
        doc_md=doc_md,
        tags=[*tags],
    ) as dag:
        plan = _plan()
        # In no layer's pool: a rewrite of hours must not keep a publication waiting, and compare-and-set lets both be
        # right whoever commits first.
        plan >> [MaintainOperator(task_id=domain, domain=domain, settings=settings) for domain in domains()]
    return dag


def _form() -> dict[str, Param]:
    return {
        "domains": Param(
            domains(),
            type="array",
            items={"type": "string", "enum": domains()},
            examples=domains(),
            title="Domains",
            description="Maintain the tables of these.",
        ),
        "dry_run": Param(
            default=False,
            type="boolean",
            title="Dry run",
            description="Change nothing, and report what would be done.",
        ),
    }


def _plan() -> Any:
    @task(task_id="plan", doc_md="Resolves the buckets of each domain; every other task reads it.")
    def plan() -> dict[str, Any]:
        run = get_current_context()["dag_run"]
        settings = Settings()
        return {domain: resolve(domain, {}, run, settings).model_dump(mode="json") for domain in domains()}

    return plan()


def _told(table: dict[str, Any]) -> str:
    before, after = table["before"], table["after"]
    files = f"{before['files']} files, {before['small_files']} of them small, {before['bytes']:,} bytes"
    if before != after:
        files += f"; now {after['files']}, {after['small_files']} small, {after['bytes']:,} bytes"
    done = [f"{action} ({about['reason']})" for action, about in table["actions"].items()]
    put_off = [f"{action} put off ({reason})" for action, reason in table["put_off"].items()]
    return f"{files}: {', '.join((*done, *put_off)) or 'nothing to do'}"
