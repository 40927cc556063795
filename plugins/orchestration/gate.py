"""A table's gate: lets its candidate be published, or not."""

from typing import Any

from airflow.sdk import BaseOperator, BaseOperatorLink, Context
from airflow.sdk.exceptions import AirflowSkipException
from airflow.sdk.types import TaskInstanceKey

from orchestration.documents import current_plan, read_document, signed_link
from orchestration.failure import VerdictError
from orchestration.notification import notify
from orchestration.verdict import Verdict


class DataDocsLink(BaseOperatorLink):
    """The rendered results of the gate's checkpoint, through a signed URL."""

    @property
    def name(self) -> str:
        return "Data Docs"

    def get_link(self, operator: Any, *, ti_key: TaskInstanceKey) -> str:  # noqa: ARG002
        uri = getattr(operator, "docs_uri", None)
        return signed_link(uri) if uri else ""


class GateOperator(BaseOperator):
    """Reads the verdict on one table's candidate and shows every expectation in the log.

    Skipped when there is nothing new, fails for good when a critical expectation is broken, passes with a
    warning when a lesser one is; then a person decides, where the contract `asks`.
    """

    operator_extra_links = (DataDocsLink(),)
    ui_color = "#f6e7b4"

    def __init__(self, *, layer: str, table: str, candidate: str, asks: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.layer = layer
        self.table = table
        self.candidate = candidate
        self.asks = asks
        self.docs_uri: str | None = None

    def execute(self, context: Context) -> str:
        plan = current_plan(context)
        address = f"{plan.domain}.{self.layer}.{self.table}"
        summary = context["ti"].xcom_pull(task_ids=self.candidate)
        if summary["tables"].get(self.table, "nothing_new") == "nothing_new":
            raise AirflowSkipException(f"nothing new for {address}")
        uri = plan.verdict_uri(self.layer, self.table)
        verdict = Verdict.model_validate(read_document(uri, written_by=self.candidate))
        self.docs_uri = verdict.docs_uri
        self._show(verdict)
        if verdict.outcome == "nothing_new":
            raise AirflowSkipException(f"nothing new for {address}")
        if verdict.outcome == "failed":
            raise VerdictError(
                f"{verdict.headline}. The published table is as before.\n{verdict.details()}\n"
                "Correct the file, deliver it again and start a run.",
                summary=f"{address} broke {verdict.suite}: {verdict.broken_rules}",
                runbook="gate_closed",
            )
        if verdict.outcome == "warned":
            self.log.warning("%s\n%s", verdict.headline, verdict.details())
            notify(
                context,
                alert="quality",
                runbook="gate_warned",
                subject=f"Warning: {address}",
                what=f"{address} {self._what_follows()}: {verdict.broken_rules}",
            )
        return verdict.outcome

    def _what_follows(self) -> str:
        return "waits for a decision (Airflow, Required Actions) on" if self.asks else "is published with"

    def _show(self, verdict: Verdict) -> None:
        self.log.info("::group::%s", verdict.headline)
        for expectation in verdict.expectations:
            self.log.info("%s", expectation)
        self.log.info("::endgroup::")
        if verdict.docs_uri:
            self.log.info("Data Docs: %s (signed link: the button of this task)", verdict.docs_uri)
