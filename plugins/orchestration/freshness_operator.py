"""The check of a domain's freshness: red while a table is late, told once when it begins and once when it is over."""

from datetime import UTC, datetime
from typing import Any

from airflow.sdk import BaseOperator, Context
from airflow.sdk.exceptions import AirflowSkipException

from lakehouse.address import bucket_of
from lakehouse.contract import tables
from lakehouse.settings import Settings
from orchestration.configuration import Configuration
from orchestration.documents import find_document, write_document
from orchestration.failure import VerdictError
from orchestration.freshness import Freshness, freshness
from orchestration.metrics import freshness_line, publish_metrics
from orchestration.notification import notify


class FreshnessOperator(BaseOperator):
    """Compares the age of the newest publish manifest with the `latency` of each table of gold.

    Skipped until gold is published for the first time. Fails for good while a table is late. What is late is kept in
    `metadata/freshness/<domain>.json`, so that nobody is told of the same lateness twice.
    """

    def __init__(self, *, domain: str, settings: Configuration, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.domain = domain
        self.metrics_log_group = settings.metrics_log_group

    def execute(self, context: Context) -> None:
        metadata = f"s3://{bucket_of('metadata', Settings().buckets(self.domain))}/metadata"
        manifest = find_document(f"{metadata}/manifests/{self.domain}/latest.json")
        if manifest is None or "published_at" not in manifest:
            raise AirflowSkipException(f"{self.domain} has published no gold yet: nothing can be late")
        now = datetime.now(UTC)
        found = freshness(tables(self.domain, "gold"), manifest, now)
        for one in found:
            self.log.info("%s", one)
        if self.metrics_log_group:
            lines = [freshness_line(one.table_address, one.age, now) for one in found]
            publish_metrics(self.metrics_log_group, self.domain, lines, now)
        self._tell(context, f"{metadata}/freshness/{self.domain}.json", found, manifest["published_at"])

    def _tell(self, context: Context, state: str, found: list[Freshness], since: str) -> None:
        late = [one for one in found if one.is_late]
        told = set((find_document(state) or {}).get("late", []))
        names = {one.table_address for one in late}
        if names != told:
            write_document(state, {"late": sorted(names), "since": since})
        if new := sorted(names - told):
            notify(
                context,
                alert="delays",
                runbook="gold_late",
                subject=f"Late: {self.domain} gold",
                what=f"Not published since {since}, later than the contract's latency: {', '.join(new)}",
            )
        if told and not names:
            notify(
                context,
                alert="delays",
                runbook="gold_late",
                subject=f"Recovered: {self.domain} gold",
                what=f"Published again at {since}: {', '.join(sorted(told))}",
            )
        if late:
            lines = "\n".join(map(str, late))
            raise VerdictError(
                f"{len(late)} tables of {self.domain} are late:\n{lines}\nLook at the newest runs of the DAG "
                f"{self.domain}: did one fail, does one wait, has nothing been delivered?",
                summary=f"{self.domain}: late are {', '.join(sorted(names))}",
                runbook="gold_late",
            )
