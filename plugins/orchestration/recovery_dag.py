"""The DAG that restores tables: shows what it would do, waits for a person, does it."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from airflow.sdk import DAG, Context, Param, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException

from lakehouse.address import Address
from lakehouse.settings import Settings
from orchestration.configuration import configuration
from orchestration.documents import read_document
from orchestration.glue_step import GlueStepOperator
from orchestration.manual_dag import approval, manual_dag
from orchestration.plan import Plan, resolve

_UNFINISHED = ["queued", "running"]


class RestoreOperator(GlueStepOperator):
    """Restores the tables that the form names, and logs which version each has now."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(step="restore", layer="", **kwargs)
        # The form says whose job it is; templates are rendered again after a deferral.
        self.job_name = "{{ job_of('restore', params.domain) }}"

    def arguments(self, plan: Plan, context: Context) -> dict[str, str]:  # noqa: ARG002
        return {"--versions": json.dumps(context["params"]["versions"])}

    def result(self, plan: Plan) -> dict[str, Any]:
        uri = plan.uri("metadata", "runs", plan.run_id, "restored.json")
        restored: dict[str, Any] = read_document(uri, written_by=self.task_id)["tables"]
        for address, told in restored.items():
            self.log.info(
                "%s: version %s is version %s again, as version %s",
                *(address, told["version_before"], told["restored"], told["version_after"]),
            )
        return restored


def build_recovery_dag(*, start_date: datetime, doc_md: str | None, tags: Sequence[str]) -> DAG:
    """Build the DAG `recovery`, which only people start.

    Args:
        start_date: From when on it can run.
        doc_md: The runbook shown in the UI.
        tags: Shown in the UI.
    """
    settings = configuration()
    with manual_dag(
        "recovery",
        _form(),
        settings,
        start_date=start_date,
        doc_md=doc_md,
        tags=tags,
        table_lines=table_lines,
    ) as dag:
        approve = approval(
            "Restore {{ params.versions | length }} tables of {{ params.domain }}?",
            "{{ table_lines(params.versions) }}",
        )
        _plan() >> approve >> RestoreOperator(task_id="restore", settings=settings)
    return dag


def table_lines(versions: dict[str, int]) -> str:
    """A Markdown list of what goes back to which version."""
    return "\n".join(f"- `{address}` to version {version}" for address, version in versions.items())


def _form() -> dict[str, Param]:
    return {
        "versions": Param(
            {},
            type="object",
            additionalProperties={"type": "integer", "minimum": 0},
            title="Versions",
            description="Address → Delta version to go back to. `lakehouse restore <domain> --to …` fills this in from "
            "a publish manifest.",
        ),
    }


def _plan() -> Any:
    @task(task_id="plan", doc_md="Refuses what cannot be restored together, and while the domain's DAG runs.")
    def plan() -> dict[str, Any]:
        context: Any = get_current_context()
        domain, versions = context["params"]["domain"], context["params"]["versions"]
        require_versions_of(domain, versions)
        require_idle(context["ti"], domain)
        return resolve(domain, {}, context["dag_run"], Settings()).model_dump(mode="json")

    return plan()


def require_versions_of(domain: str, versions: dict[str, int]) -> None:
    """Raises AirflowFailException unless every table is the domain's, and there is one."""
    if not versions:
        raise AirflowFailException("no table is named: fill in *Versions*, or use `lakehouse restore`")
    if foreign := [text for text in versions if Address.parse(text).domain != domain]:
        raise AirflowFailException(f"not of {domain}: {', '.join(foreign)}")


def require_idle(ti: Any, domain: str) -> None:
    """Raises AirflowFailException while a run of the domain's DAG is unfinished."""
    if unfinished := ti.get_dr_count(dag_id=domain, states=_UNFINISHED):
        raise AirflowFailException(
            f"{unfinished} runs of {domain} are unfinished: wait for them, or end them, then clear this task"
        )
