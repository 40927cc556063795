"""A person's decision on a candidate that its checkpoint warned about, where the contract asks for one."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import Context, Param
from airflow.sdk.exceptions import AirflowSkipException
from pydantic import BaseModel, ConfigDict

from lakehouse.contract import Contract
from orchestration.documents import current_plan, read_document, signed_link, write_document
from orchestration.failure import VerdictError
from orchestration.plan import Plan
from orchestration.verdict import Expectation, Verdict, count_of

PUBLISH, STOP = "publish", "stop"


class Decision(BaseModel):
    """`metadata/decisions/<run>/<layer>/<table>.json`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    address: str
    run_id: str
    choice: Literal["publish", "stop"]
    author: str | None
    """Who answered; None where nobody did in time and the contract's default counts."""
    reason: str
    at: str
    """ISO 8601, UTC."""
    broken_rules: list[str]

    def __str__(self) -> str:
        who = self.author or "nobody answered in time, so the contract's default"
        because = f": {self.reason}" if self.reason else ""
        return f"{self.address}: {who} decided at {self.at} to {self.choice}{because}"


class DecisionOperator(HITLOperator):
    """Waits, deferred, until somebody answers in Airflow's UI or the contract's time is over.

    Skipped unless the gate's verdict is `warned`. Returns the decision and keeps it on S3; `publish` obeys it.
    """

    ui_color = "#f6e7b4"

    def __init__(self, *, contract: Contract, candidate: str, gate: str, **kwargs: Any) -> None:
        rules = contract.rules
        # Instead of the DAG's own params, which come in `kwargs` and are no part of an answer.
        kwargs["params"] = {"reason": Param("", type=["null", "string"], title="Reason", source="task")}
        super().__init__(
            subject=f"{contract.address}: publish in spite of warnings?",
            options=[PUBLISH, STOP],
            defaults=rules.onWarningDefault,
            response_timeout=timedelta(minutes=rules.onWarningTimeoutMinutes),
            **kwargs,
        )
        self.address = contract.address
        self.made_in = contract.made_in
        self.rules = rules
        self.candidate = candidate
        self.gate = gate

    def execute(self, context: Context) -> None:
        outcome = context["ti"].xcom_pull(task_ids=self.gate)
        if outcome != "warned":
            raise AirflowSkipException(f"nothing to decide: the verdict on {self.address} is {outcome}")
        plan = current_plan(context)
        made = read_document(plan.candidate_uri(self.made_in), written_by=self.candidate)
        self.body = self._question(self._verdict(plan), made["tables"][self.address.table]["counts"])
        super().execute(context)

    def execute_complete(self, context: Context, event: dict[str, Any]) -> dict[str, Any]:
        answer = super().execute_complete(context, event)
        plan = current_plan(context)
        user = answer["responded_by_user"]
        decision = Decision(
            address=str(self.address),
            run_id=plan.run_id,
            choice=answer["chosen_options"][0],
            author=f"{user['name']} ({user['id']})" if user else None,
            reason=answer["params_input"].get("reason") or "",
            at=answer["responded_at"].isoformat(timespec="seconds"),
            broken_rules=[expectation.expectation for expectation in self._verdict(plan).broken],
        )
        write_document(
            plan.decision_uri(self.address.layer, self.address.table), decision.model_dump(mode="json")
        )
        self.log.info("%s", decision)
        return decision.model_dump(mode="json")

    def _verdict(self, plan: Plan) -> Verdict:
        uri = plan.verdict_uri(self.address.layer, self.address.table)
        return Verdict.model_validate(read_document(uri, written_by=self.candidate))

    def _question(self, verdict: Verdict, counts: dict[str, int]) -> str:
        """Markdown: what was broken and how often, never a value of a row."""
        rows = ", ".join(f"{count} {what}" for what, count in counts.items())
        lines = [verdict.headline, "", *map(_broken, verdict.broken), f"- rows: {rows}"]
        lines += [f"- file: {file}" for file in verdict.files]
        if verdict.docs_uri:
            lines.append(f"- [Data Docs]({signed_link(verdict.docs_uri)})")
        lines += [
            "",
            f"`{PUBLISH}` publishes the layer. `{STOP}` leaves its published tables as they are. Without an "
            f"answer within {self.rules.onWarningTimeoutMinutes} minutes it is `{self.rules.onWarningDefault}`.",
            # Airflow keeps a task's first question when the task is cleared, and asks it once more.
            f"This is as of {datetime.now(UTC):%Y-%m-%d %H:%M} UTC; if candidate and gate were cleared since, the log "
            f"of `{self.gate}` shows what holds now.",
        ]
        return "\n".join(lines)


def _broken(expectation: Expectation) -> str:
    count = count_of(expectation.observed)
    often = f": {count}" if count else ""
    return f"- {expectation.expectation} ({expectation.severity}){often}"


def require_consent(decision: Mapping[str, Any] | None, *, task: str, layer: str) -> None:
    """Raises VerdictError unless `decision`, the result of the task that asked, is to publish."""
    whole = f"Nothing of {layer} was published; its published tables are as before"
    if decision is None:
        raise VerdictError(
            f"{task} asked for a decision and kept none. {whole}. Clear {task} to be asked again.",
            summary=f"{task} kept no decision",
            runbook="gate_warned",
        )
    made = Decision.model_validate(decision)
    if made.choice == STOP:
        raise VerdictError(
            f"{made}. {whole}.\nBroken: {'; '.join(made.broken_rules)}.\n"
            f"Deliver corrected files and start a run, or clear {task} to be asked again.",
            summary=f"{made.address}: {made.author or 'the default, for nobody answered'} decided to stop",
            runbook="gate_warned",
        )
