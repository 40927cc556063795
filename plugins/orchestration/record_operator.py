"""The very last task of a run: tell the run ledger, OpenLineage and CloudWatch what the run did, however it ended."""

import json
from datetime import UTC, datetime
from typing import Any

from airflow.providers.amazon.aws.hooks.athena import AthenaHook
from airflow.providers.amazon.aws.hooks.glue import GlueJobHook
from airflow.providers.amazon.aws.links.athena import AthenaQueryResultsLink
from airflow.sdk import BaseOperator, Context
from airflow.sdk.exceptions import AirflowSkipException

from lakehouse.address import Address, bucket_of
from lakehouse.contract import load, made_in
from lakehouse.settings import Settings, account_id
from orchestration.configuration import Configuration
from orchestration.documents import find_document, s3_client, write_document
from orchestration.glue_run import runs_of
from orchestration.metrics import metric_line, publish_metrics
from orchestration.notification import notify
from orchestration.plan import STEPS, Plan
from orchestration.run_record import LayerFacts, Record, RunFacts, result_records, table_records

LEDGER_DOMAIN = "operations"
"""Its datasets `runs` and `expectation_results` are what this task delivers."""


class RecordOperator(BaseOperator):
    """Delivers the run's records as files to the domain `operations`, which loads them like any other data.

    A layer whose candidate task started no Glue run has no record; a run without any is skipped. A teardown, so that a
    run is not green because this task is.
    """

    def __init__(self, *, checks: list[str], settings: Configuration, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.checks = checks
        """Tasks whose Athena queries are the run's validation."""
        self.metrics_log_group = settings.metrics_log_group

    def execute(self, context: Context) -> dict[str, int]:
        ti: Any = context["ti"]
        planned = ti.xcom_pull(task_ids="plan")
        if planned is None:
            raise AirflowSkipException("the run made no plan: it did nothing to any table")
        plan = Plan.model_validate(planned)
        run = _run_facts(plan, context["dag_run"])
        layers = [self._layer(plan, ti, layer) for layer in STEPS if _has_started(ti, layer)]
        records = [record for layer in layers for record in table_records(run, layer)]
        if not records:
            raise AirflowSkipException("no Glue run was started: the run did nothing to any table")
        results = [record for layer in layers for record in result_records(run, layer)]
        _deliver(plan, "runs", records)
        _deliver(plan, "expectation_results", results)
        has_succeeded = ti.xcom_pull(task_ids="archive") is not None
        _tell_lineage(plan, run, layers, has_succeeded=has_succeeded)
        self._tell_recovery(context, plan, has_succeeded=has_succeeded)
        if self.metrics_log_group:
            lines = [metric_line(record, run.recorded_at) for record in records]
            publish_metrics(self.metrics_log_group, plan.domain, lines, run.recorded_at)
        return {"tables": len(records), "expectations": len(results)}

    def _tell_recovery(self, context: Context, plan: Plan, *, has_succeeded: bool) -> None:
        """Tell once that runs succeed again, after one that did not: `archive` only succeeds with the whole run."""
        state = plan.uri("metadata", "alerts", f"{plan.domain}.json")
        failed = (find_document(state) or {}).get("failed")
        if not has_succeeded:
            write_document(state, {"failed": failed or plan.run_id})
        elif failed:
            notify(
                context,
                alert="failures",
                runbook="task_failed",
                subject=f"Recovered: {plan.domain}",
                what=f"{plan.domain} succeeds again; runs failed since {failed}",
            )
            write_document(state, {"failed": None})

    def _layer(self, plan: Plan, ti: Any, layer: str) -> LayerFacts:
        contracts = tuple(c for c in made_in(plan.domain, layer) if c.name in plan.tables[layer])
        verdicts = {c.name: find_document(plan.verdict_uri(c.address.layer, c.name)) for c in contracts}
        candidates = find_document(plan.candidate_uri(layer)) or {}
        published = find_document(plan.published_uri(layer)) or {}
        settings = Settings()
        glue = GlueJobHook(aws_conn_id=None, region_name=settings.region).conn
        return LayerFacts(
            layer=layer,
            contracts=contracts,
            candidates=candidates.get("tables", {}),
            code_version=candidates.get("code_version"),
            published=published.get("tables", {}),
            verdicts={name: verdict for name, verdict in verdicts.items() if verdict},
            candidate_runs=runs_of(glue, settings.job_name(STEPS[layer], plan.domain), _identity(plan)),
            publish_runs=runs_of(
                glue, settings.job_name("publish", plan.domain), {**_identity(plan), "--layer": layer}
            ),
            bytes_scanned=self._bytes_scanned(ti) if layer == "gold" else None,
        )

    def _bytes_scanned(self, ti: Any) -> int:
        """What the queries of the checks' last attempts scanned; registration is DDL, which scans nothing."""
        links = ti.xcom_pull(task_ids=self.checks, key=AthenaQueryResultsLink.key) or []
        athena: Any = AthenaHook(aws_conn_id=None, region_name=Settings().region).get_conn()
        queries = [
            athena.get_query_execution(QueryExecutionId=link["query_execution_id"])["QueryExecution"]
            for link in links
            if link
        ]
        return sum(query.get("Statistics", {}).get("DataScannedInBytes", 0) for query in queries)


def _tell_lineage(plan: Plan, run: RunFacts, layers: list[LayerFacts], *, has_succeeded: bool) -> None:
    from orchestration.lineage_datasets import Place  # noqa: PLC0415 - not while a DAG is parsed
    from orchestration.lineage_emission import keep_events, send_events  # noqa: PLC0415
    from orchestration.lineage_events import run_events  # noqa: PLC0415

    settings = Settings()
    place = Place(plan.environment, plan.buckets, settings.region, account_id(settings.region))
    events = run_events(run, place, layers, has_succeeded=has_succeeded)
    keep_events(plan, events)
    if settings.openlineage_url:
        send_events(settings.openlineage_url, events)


def _run_facts(plan: Plan, dag_run: Any) -> RunFacts:
    return RunFacts(
        domain=plan.domain,
        run_id=plan.run_id,
        run_type=dag_run.run_type.value,
        started_at=dag_run.start_date.astimezone(UTC),
        recorded_at=datetime.now(UTC),
    )


def _has_started(ti: Any, layer: str) -> bool:
    return bool(ti.xcom_pull(task_ids=f"{STEPS[layer]}.candidate", key="glue_job_run_id"))


def _identity(plan: Plan) -> dict[str, str]:
    return {"--domain": plan.domain, "--run-id": plan.run_id}


def _deliver(plan: Plan, dataset: str, records: list[Record]) -> None:
    """Put a file of JSON lines where the dataset is delivered; of a run that was cleared, in place of the older one."""
    folder = load(Address(LEDGER_DOMAIN, "bronze", dataset)).landings[dataset]
    bucket = bucket_of("raw", Settings().buckets(LEDGER_DOMAIN))
    body = "".join(f"{json.dumps(record)}\n" for record in records)
    s3_client().put_object(
        Bucket=bucket, Key=f"{folder}/{plan.domain}-{plan.run_id}.ndjson", Body=body.encode()
    )
