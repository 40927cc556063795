"""The check of a domain's freshness: red while a table is late, told once when it begins and once when it is over."""

from datetime import UTC, datetime
from typing import Any

from airflow.sdk import BaseOperator, Context
from airflow.sdk.exceptions import AirflowSkipException

from orchestration.configuration import Configuration
from orchestration.failure import VerdictError
from orchestration.lateness import lateness
from orchestration.metrics import freshness_line, publish_metrics
from orchestration.notification import notify


class FreshnessOperator(BaseOperator):
    """Compares the age of the newest publish manifest with the `latency` of each table of gold.

    Skipped until gold is published for the first time. Fails for good while a table is late.
    """

    def __init__(self, *, domain: str, settings: Configuration, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.domain = domain
        self.metrics_log_group = settings.metrics_log_group

    def execute(self, context: Context) -> None:
        now = datetime.now(UTC)
        found = lateness(self.domain, now)
        if found is None:
            raise AirflowSkipException(f"{self.domain} has published no gold yet: nothing can be late")
        for one in found.tables:
            self.log.info("%s", one)
        if self.metrics_log_group:
            metrics = [freshness_line(one.table_address, one.age, now) for one in found.tables]
            publish_metrics(self.metrics_log_group, self.domain, metrics, now)
        found.tell(
            lambda subject, what: notify(
                context, alert="delays", runbook="gold_late", subject=subject, what=what
            )
        )
        if found.late:
            lines = "\n".join(map(str, found.late))
            raise VerdictError(
                f"{len(found.late)} tables of {self.domain} are late:\n{lines}\nLook at the newest runs of the DAG "
                f"{self.domain}: did one fail, does one wait, has nothing been delivered?",
                summary=f"{self.domain}: late are {', '.join(sorted(one.table_address for one in found.late))}",
                runbook="gold_late",
            )
