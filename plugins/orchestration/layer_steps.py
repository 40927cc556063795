"""The two Glue runs of a layer: make and judge its candidates, publish those that passed."""

import json
from collections.abc import Mapping
from typing import Any

from airflow.sdk import Context
from airflow.sdk.exceptions import AirflowSkipException

from orchestration.decision import require_consent
from orchestration.documents import read_document
from orchestration.glue_step import GlueStepOperator
from orchestration.plan import STEPS, Plan

Summary = dict[str, Any]
"""What a candidate task returns: `outcome` of the layer and of each of its `tables`."""

NOTHING_NEW: Summary = {"outcome": "nothing_new", "tables": {}}


class CandidateOperator(GlueStepOperator):
    """Writes the candidates of a layer's tables and runs the checkpoint on each.

    The first layer runs only if a sensor found files; with dates, a full refresh or a release it goes on without.
    """

    def __init__(self, *, layer: str, sensors: list[str], **kwargs: Any) -> None:
        super().__init__(step=STEPS[layer], layer=layer, **kwargs)
        self.sensors = sensors

    def arguments(self, plan: Plan, context: Context) -> dict[str, str] | None:
        if self.sensors and not any(context["ti"].xcom_pull(task_ids=self.sensors)):
            if plan.needs_new_files:
                raise AirflowSkipException(
                    "nothing new: no dataset has a file, and no dates, full refresh or release are asked for"
                )
            self.log.info("No new files: going on with what bronze holds")
            return None
        return {"--tables": ",".join(plan.tables[self.layer]), **_what_to_make(plan, self.layer)}

    def nothing_to_run(self) -> Summary:
        return NOTHING_NEW

    def result(self, plan: Plan) -> Summary:
        document = read_document(plan.candidate_uri(self.layer), written_by=self.task_id)
        for name, table in document["tables"].items():
            counts = ", ".join(f"{count} {what}" for what, count in table.get("counts", {}).items())
            self.log.info(
                "%s.%s.%s: %s; %s", plan.domain, self.layer, name, table["outcome"], counts or "no rows"
            )
        return {
            "outcome": document["outcome"],
            "tables": {name: table["outcome"] for name, table in document["tables"].items()},
        }


class PublishOperator(GlueStepOperator):
    """Publishes the candidates of a layer whose gates are open, each with one Delta commit.

    Fails for good where a person decided to stop. It is told what the candidates' run was told: where another run has
    published meanwhile, it makes them anew.
    """

    def __init__(
        self, *, layer: str, candidate: str, decisions: Mapping[str, str] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(step="publish", layer=layer, **kwargs)
        self.candidate = candidate
        self.decisions = dict(decisions or {})
        """Gate → the task that asks a person where the gate warned."""

    def arguments(self, plan: Plan, context: Context) -> dict[str, str]:
        ti = context["ti"]
        for gate, asked in self.decisions.items():
            if ti.xcom_pull(task_ids=gate) == "warned":
                address = f"{plan.domain}.{self.layer}"
                require_consent(ti.xcom_pull(task_ids=asked), task=asked, layer=address)
        summary: Summary = ti.xcom_pull(task_ids=self.candidate)
        names = [name for name, outcome in summary["tables"].items() if outcome == "candidate"]
        return {
            "--layer": self.layer,
            "--tables": ",".join(names),
            **_what_to_make(plan, self.layer),
        }

    def result(self, plan: Plan) -> dict[str, Any]:
        document = read_document(plan.published_uri(self.layer), written_by=self.task_id)
        self.log.info("Published: %s", json.dumps(document["tables"]))
        return dict(document["tables"])


def _what_to_make(plan: Plan, layer: str) -> dict[str, str]:
    """The form's answers that concern a layer, as arguments of its Glue runs."""
    chosen: dict[str, str] = {}
    if layer != "bronze":
        chosen["--full-refresh"] = str(plan.full_refresh).lower()
    if layer == "silver" and plan.rejected_share_limit is not None:
        chosen["--rejected-share-limit"] = str(plan.rejected_share_limit)
    if layer == "silver" and plan.release is not None:
        chosen["--release"] = plan.release.model_dump_json(exclude_none=True)
    if layer == "gold" and plan.dates:
        chosen["--dates"] = ",".join(day.isoformat() for day in plan.dates)
    return chosen
