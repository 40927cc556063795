"""The DAG that replays a domain: makes its tables beside the live ones, compares, and switches once a person agrees."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from airflow.sdk import DAG, Context, Param, get_current_context, task

from lakehouse.operations.replays import findings
from lakehouse.settings import Settings
from orchestration.configuration import configuration
from orchestration.documents import read_document
from orchestration.glue_step import GlueStepOperator
from orchestration.manual_dag import approval, manual_dag
from orchestration.parameters import date_param, share_param
from orchestration.plan import Plan, resolve
from orchestration.recovery_dag import require_idle


class ReplayOperator(GlueStepOperator):
    """Makes the tables and compares them; returns what differs, in counts. Or switches to them."""

    def __init__(self, *, switch: bool, **kwargs: Any) -> None:
        super().__init__(step="replay", layer="", **kwargs)
        self.switch = switch
        # The form says whose job it is; templates are rendered again after a deferral.
        self.job_name = "{{ job_of('replay', params.domain) }}"

    def arguments(self, plan: Plan, context: Context) -> dict[str, str]:
        told = {"--source": context["params"]["source"], "--switch": str(self.switch).lower()}
        if plan.dates:
            told["--dates"] = ",".join(day.isoformat() for day in plan.dates)
        if plan.rejected_share_limit is not None:
            told["--rejected-share-limit"] = str(plan.rejected_share_limit)
        return told

    def result(self, plan: Plan) -> Any:
        folder = plan.uri("metadata", "replays", "runs", plan.run_id)
        if self.switch:
            switched: dict[str, Any] = read_document(f"{folder}/switched.json", self.task_id)["tables"]
            for address, told in switched.items():
                self.log.info(
                    "%s: version %s is version %s", address, told["version_before"], told["version_after"]
                )
            return switched
        found = findings(read_document(f"{folder}/comparison.json", self.task_id))
        for one in found:
            self.log.info(
                "%s: %d rows, %d replayed: %s", one.address, one.live_rows, one.replayed_rows, one.where
            )
        return {
            one.address: f"{one.only_live} rows only live, {one.only_replayed} only replayed, in {one.where}"
            for one in found
            if not one.is_equal
        }


def build_replay_dag(*, start_date: datetime, doc_md: str | None, tags: Sequence[str]) -> DAG:
    """Build the DAG `replay`, which only people start.

    Args:
        start_date: From when on it can run.
        doc_md: The runbook shown in the UI.
        tags: Shown in the UI.
    """
    settings = configuration()
    with manual_dag(
        "replay",
        _form(),
        settings,
        start_date=start_date,
        doc_md=doc_md,
        tags=tags,
        difference_lines=difference_lines,
    ) as dag:
        approve = approval(
            "Switch {{ ti.xcom_pull(task_ids='compare') | length }} tables of {{ params.domain }}?",
            "{{ difference_lines(ti.xcom_pull(task_ids='compare')) }}",
        )
        compare = ReplayOperator(task_id="compare", switch=False, settings=settings)
        switch = ReplayOperator(task_id="switch", switch=True, settings=settings)
        _plan() >> compare >> _is_switch_wanted() >> approve >> switch
    return dag


def difference_lines(differences: Mapping[str, str]) -> str:
    """A Markdown list of the tables that differ."""
    return "\n".join(f"- `{address}`: {told}" for address, told in differences.items())


def _form() -> dict[str, Param]:
    return {
        "source": Param(
            "archive",
            type="string",
            enum=["archive", "bronze"],
            title="Source",
            description="The archived files, which are in Glacier after 90 days, or what bronze holds of them.",
        ),
        "from": date_param("From", "Of gold by date, only from this business date on."),
        "to": date_param("To", "… until this one, included. Empty: only the first."),
        "rejected_share_limit": share_param(
            "Let this share of a table's rows be rejected, instead of what its contract says."
        ),
        "switch": Param(
            default=False,
            type="boolean",
            title="Switch",
            description="Replace what differs in the live tables, once somebody approves.",
        ),
    }


def _plan() -> Any:
    @task(
        task_id="plan",
        doc_md="Refuses while the domain's DAG runs: its tables must hold still to be compared.",
    )
    def plan() -> dict[str, Any]:
        context: Any = get_current_context()
        params = context["params"]
        require_idle(context["ti"], params["domain"])
        return resolve(params["domain"], params, context["dag_run"], Settings()).model_dump(mode="json")

    return plan()


def _is_switch_wanted() -> Any:
    @task.short_circuit(
        task_id="is_switch_wanted", doc_md="Ends the run where nothing differs, or nobody asked."
    )
    def is_switch_wanted() -> bool:
        context: Any = get_current_context()
        return bool(context["params"]["switch"] and context["ti"].xcom_pull(task_ids="compare"))

    return is_switch_wanted()
