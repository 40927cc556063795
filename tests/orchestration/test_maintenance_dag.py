"""What the Glue run of a domain's maintenance is told, and what its task says of the report."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from airflow.sdk import Context
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from orchestration.configuration import configuration
from orchestration.maintenance_dag import MaintainOperator, build_maintenance_dag
from tests.orchestration.documents_on_s3 import put
from tests.orchestration.glue_service import GlueService
from tests.orchestration.running import a_context, a_plan

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

DOCUMENT = "metadata/maintenance/ecommerce/run-1.json"


def files(count: int, size: int) -> dict[str, int]:
    return {
        "version": count,
        "files": count,
        "bytes": size,
        "small_files": count,
        "files_without_statistics": 0,
    }


REPORT: dict[str, Any] = {
    "domain": "ecommerce",
    "run_id": "run-1",
    "dry_run": False,
    "tables": {
        "ecommerce.silver.orders": {
            "before": files(12, 24000),
            "after": files(1, 9000),
            "actions": {"compact": {"reason": "12 small files in 1 partitions", "files": 12}},
            "put_off": {"vacuum": "version 7 is still in use"},
            "seconds": 3.1,
        },
        "ecommerce.gold.daily_sales": {
            "before": files(1, 5000),
            "after": files(1, 5000),
            "actions": {"vacuum": {"reason": "no version of the last 30 days has them", "files": 2}},
            "put_off": {},
            "seconds": 0.2,
        },
    },
    "failed": {},
    "stale_candidates": {"s3://lake/silver/processing/run-0/": 9},
    "seconds": 4.0,
}


def a_task(domain: str = "ecommerce") -> MaintainOperator:
    settings = replace(configuration(), glue_sync_seconds=60, glue_waiter_delay=0.01, glue_verbose=False)
    return MaintainOperator(
        task_id=domain, domain=domain, settings=settings, aws_conn_id=None, region_name="us-east-1"
    )


def context(dry_run: bool = False, domains: tuple[str, ...] = ("ecommerce",)) -> Context:
    made = a_context(plan={"ecommerce": a_plan().model_dump(mode="json")})
    made["params"] = {"domains": [*domains], "dry_run": dry_run}
    return made


@pytest.mark.parametrize("dry_run", [False, True])
def test_one_glue_run_maintains_every_layer_of_a_domain(
    lake: "S3Client", glue: GlueService, dry_run: bool
) -> None:
    glue.jobs.add("lakehouse-maintain")
    put(lake, DOCUMENT, REPORT)

    summary = a_task().execute(context(dry_run))

    assert [(run.job, run.arguments) for run in glue.runs] == [
        (
            "lakehouse-maintain",
            {
                "--domain": "ecommerce",
                "--run-id": "run-1",
                "--buckets": '{"*": "lake"}',
                "--environment": "dev",
                "--log-level": "INFO",
                "--dry-run": str(dry_run).lower(),
            },
        )
    ]
    assert summary == {"tables": 2, "rewritten": 1, "vacuumed": 1, "stale_candidates": 1}


def test_its_log_says_what_was_found_and_done(lake: "S3Client", capfd: pytest.CaptureFixture[str]) -> None:
    put(lake, DOCUMENT, REPORT)

    a_task().result(a_plan())

    log = capfd.readouterr().out
    assert (
        "ecommerce.silver.orders: 12 files, 12 of them small, 24,000 bytes; now 1, 1 small, 9,000 bytes: "
        "compact (12 small files in 1 partitions), vacuum put off (version 7 is still in use)" in log
    )
    assert "ecommerce.gold.daily_sales: 1 files, 1 of them small, 5,000 bytes: vacuum (no version" in log
    assert "s3://lake/silver/processing/run-0/, 9 objects" in log


def test_a_report_that_is_owed_is_named(lake: "S3Client") -> None:
    with pytest.raises(AirflowFailException, match=r"maintenance/ecommerce/run-1\.json.*ecommerce ended"):
        a_task().result(a_plan())


def test_a_domain_that_the_form_does_not_name_is_skipped(glue: GlueService) -> None:
    with pytest.raises(AirflowSkipException, match="ecommerce is not among"):
        a_task().execute(context(domains=("clinical",)))
    assert glue.calls == []


def test_a_domain_can_have_a_job_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAKEHOUSE_JOB_PREFIXES", '{"clinical": "ward-"}')
    dag = build_maintenance_dag(
        cron="30 2 * * *", start_date=datetime(2026, 1, 1, tzinfo=UTC), doc_md=None, tags=[]
    )
    jobs = {task.task_id: task.job_name for task in dag.tasks if isinstance(task, MaintainOperator)}
    assert jobs == {
        "clinical": "ward-maintain",
        "ecommerce": "lakehouse-maintain",
        "market_data": "lakehouse-maintain",
        "operations": "lakehouse-maintain",
    }


def test_each_domain_is_planned_with_its_buckets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAKEHOUSE_BUCKETS", '{"clinical": "ward"}')
    monkeypatch.setenv("ECOM_S3_BUCKET_NAME", "lake")
    dag = build_maintenance_dag(
        cron="30 2 * * *", start_date=datetime(2026, 1, 1, tzinfo=UTC), doc_md=None, tags=[]
    )
    plan: Any = dag.get_task("plan")
    monkeypatch.setattr("orchestration.maintenance_dag.get_current_context", context_of_a_run)

    plans = plan.python_callable()

    assert {domain: found["buckets"]["*"] for domain, found in plans.items()} == {
        "clinical": "ward",
        "ecommerce": "lake",
        "market_data": "market-data-vault",
        "operations": "lake",
    }
    assert {found["run_id"] for found in plans.values()} == {"scheduled__2026-04-07T02-30-00-00-00"}


def context_of_a_run() -> Any:
    from types import SimpleNamespace

    return {"dag_run": SimpleNamespace(run_id="scheduled__2026-04-07T02:30:00+00:00", run_type="scheduled")}
