"""The last task of a run: put its raw files away and say which could not be read."""

from typing import Any

from airflow.sdk import BaseOperator, Context

from orchestration.archive import archive
from orchestration.documents import current_plan, read_document, s3_client
from orchestration.notification import notify


class ArchiveOperator(BaseOperator):
    """Runs only if nothing failed, so never before bronze holds what the files held."""

    def __init__(self, *, candidate: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.candidate = candidate

    def execute(self, context: Context) -> dict[str, int]:
        plan = current_plan(context)
        document: dict[str, Any] = {"tables": {}}
        if context["ti"].xcom_pull(task_ids=self.candidate)["tables"]:
            document = read_document(plan.candidate_uri("bronze"), written_by=self.candidate)
        moved = archive(s3_client(), plan, document)
        self.log.info("Moved: %s", moved or "nothing")
        if unreadable := moved.get("failed"):
            names = ", ".join(unreadable)
            self.log.warning(
                "Not loaded, because they cannot be read: %s. Each lies under raw/failed/ with its reason "
                "beside it; deliver it again corrected",
                names,
            )
            notify(
                context,
                alert="quality",
                runbook="files_unreadable",
                subject=f"Unreadable files: {plan.domain}",
                what=f"Not loaded, cannot be read: {names}",
            )
        return {status: len(uris) for status, uris in moved.items()}
