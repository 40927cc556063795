"""What the Glue run of a restoration is told, and what is refused before anybody is asked."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from airflow.sdk import Context
from airflow.sdk.exceptions import AirflowFailException

from orchestration.configuration import configuration
from orchestration.recovery_dag import RestoreOperator, build_recovery_dag, require_versions_of, table_lines
from tests.orchestration.documents_on_s3 import put
from tests.orchestration.glue_service import GlueService
from tests.orchestration.running import a_context

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

VERSIONS = {"ecommerce.bronze.orders": 3, "ecommerce.gold.daily_sales": 5}
RESTORED = {
    "ecommerce.bronze.orders": {"version_before": 4, "restored": 3, "version_after": 5},
    "ecommerce.gold.daily_sales": {"version_before": 5, "restored": 5, "version_after": 5},
}


def context() -> Context:
    made = a_context()
    made["params"] = {"domain": "ecommerce", "versions": VERSIONS, "reason": "a wrong delivery"}
    return made


def a_task(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The task as it is after its templates were rendered, in an account whose domain has jobs of its own."""
    monkeypatch.setenv("LAKEHOUSE_JOB_PREFIXES", '{"ecommerce": "shop-"}')
    settings = replace(configuration(), glue_sync_seconds=60, glue_waiter_delay=0.01, glue_verbose=False)
    dag = build_recovery_dag(start_date=datetime(2026, 1, 1, tzinfo=UTC), doc_md=None, tags=[])
    task = RestoreOperator(
        task_id="again", settings=settings, dag=dag, aws_conn_id=None, region_name="us-east-1"
    )
    task.render_template_fields(context())
    return task


def test_the_glue_run_of_the_domains_own_job_is_told_the_versions(
    lake: "S3Client", glue: GlueService, monkeypatch: pytest.MonkeyPatch
) -> None:
    glue.jobs.add("shop-restore")
    put(lake, "metadata/runs/run-1/restored.json", {"tables": RESTORED})

    assert a_task(monkeypatch).execute(context()) == RESTORED

    (run,) = glue.runs
    assert run.job == "shop-restore"
    assert run.arguments["--versions"] == ('{"ecommerce.bronze.orders": 3, "ecommerce.gold.daily_sales": 5}')
    assert run.arguments["--domain"] == "ecommerce"


@pytest.mark.parametrize(
    ("versions", "told"),
    [
        ({}, "no table is named"),
        (
            {"ecommerce.gold.daily_sales": 1, "clinical.gold.mortality": 2},
            "not of ecommerce: clinical.gold.mortality",
        ),
    ],
)
def test_what_cannot_be_restored_together_is_refused(versions: dict[str, int], told: str) -> None:
    with pytest.raises(AirflowFailException, match=told):
        require_versions_of("ecommerce", versions)


def test_who_approves_sees_each_table() -> None:
    assert table_lines(VERSIONS) == (
        "- `ecommerce.bronze.orders` to version 3\n- `ecommerce.gold.daily_sales` to version 5"
    )
