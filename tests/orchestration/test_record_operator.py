"""The task `record`: what it delivers to the run ledger, and when it has nothing to say."""

import json
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from airflow.sdk import Context
from airflow.sdk.exceptions import AirflowSkipException

from orchestration.configuration import configuration
from orchestration.record_operator import RecordOperator
from tests.orchestration.conftest import Inbox
from tests.orchestration.documents_on_s3 import keys, put, put_verdict, verdict
from tests.orchestration.glue_service import GlueService
from tests.orchestration.running import a_context, a_plan

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PLAN = a_plan(tables={"bronze": [], "silver": ["orders"], "gold": []})
RUNS = "raw/runs/ecommerce-run-1.ndjson"
RESULTS = "raw/expectation_results/ecommerce-run-1.ndjson"


class RunType(StrEnum):
    MANUAL = "manual"


@pytest.fixture(autouse=True)
def _ledger_bucket(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECOM_S3_BUCKET_NAME", "lake")


def context(**glue_runs: str) -> Context:
    """Of a run whose candidate tasks started these Glue runs, by step."""
    made: Any = a_context(PLAN)
    made["dag_run"].run_type = RunType.MANUAL
    for step, run_id in glue_runs.items():
        made["ti"].xcoms[f"{step}.candidate"] = {"glue_job_run_id": run_id}
    return made  # type: ignore[no-any-return]


def record(context: Context, checks: tuple[str, ...] = ()) -> dict[str, int]:
    operator = RecordOperator(task_id="record", checks=[*checks], settings=configuration())
    return operator.execute(context)


def delivered(lake: "S3Client", key: str) -> list[dict[str, Any]]:
    body = lake.get_object(Bucket="lake", Key=key)["Body"].read().decode()
    return [json.loads(line) for line in body.splitlines()]


def silver_ran(lake: "S3Client", glue: GlueService) -> None:
    mine = {"--domain": "ecommerce", "--run-id": "run-1"}
    glue.add_run("jr_0", "lakehouse-bronze_to_silver", mine, "FAILED")
    glue.add_run("jr_1", "lakehouse-bronze_to_silver", mine, "SUCCEEDED")
    glue.add_run("jr_2", "lakehouse-bronze_to_silver", mine | {"--run-id": "run-2"}, "SUCCEEDED")
    glue.add_run("jr_3", "lakehouse-publish", mine | {"--layer": "silver"}, "SUCCEEDED")
    glue.add_run("jr_4", "lakehouse-publish", mine | {"--layer": "gold"}, "SUCCEEDED")
    counts = {"read": 4, "published": 3, "deduplicated": 0, "superseded": 0, "rejected": 1}
    candidate = {"tables": {"orders": {"outcome": "candidate", "counts": counts, "files": []}}}
    put(lake, "metadata/runs/run-1/silver/candidate.json", candidate)
    put_verdict(lake, verdict())


def test_a_layer_that_ran_is_recorded_with_every_attempt_of_its_own(
    lake: "S3Client", glue: GlueService
) -> None:
    silver_ran(lake, glue)
    published = {"tables": {"orders": {"version_before": None, "version_after": 1}}}
    put(lake, "metadata/runs/run-1/silver/published.json", published)

    assert record(context(bronze_to_silver="jr_1")) == {"tables": 1, "expectations": 2}

    (row,) = delivered(lake, RUNS)
    assert (row["table_address"], row["outcome"], row["verdict"]) == (
        "ecommerce.silver.orders",
        "published",
        "passed",
    )
    assert (row["run_type"], row["rows_rejected"], row["version_after"]) == ("manual", 1, 1)
    assert (row["candidate_seconds"], row["publish_seconds"]) == (14.0, 7.0)
    assert [one["expectation"] for one in delivered(lake, RESULTS)] == [
        "user_id must not be null",
        "department_id and department correspond one to one",
    ]


def test_a_run_that_died_is_recorded_too(lake: "S3Client", glue: GlueService) -> None:
    glue.add_run(
        "jr_0", "lakehouse-bronze_to_silver", {"--domain": "ecommerce", "--run-id": "run-1"}, "FAILED"
    )

    assert record(context(bronze_to_silver="jr_0")) == {"tables": 1, "expectations": 0}

    (row,) = delivered(lake, RUNS)
    assert (row["outcome"], row["verdict"], row["candidate_seconds"]) == ("not_published", None, 7.0)


def test_a_record_of_a_cleared_run_takes_the_older_ones_place(lake: "S3Client", glue: GlueService) -> None:
    silver_ran(lake, glue)
    record(context(bronze_to_silver="jr_1"))
    record(context(bronze_to_silver="jr_1"))

    assert keys(lake, "raw/") == [RESULTS, RUNS]


def test_that_runs_succeed_again_is_told_once(lake: "S3Client", glue: GlueService, inbox: Inbox) -> None:
    silver_ran(lake, glue)
    succeeded: Any = context(bronze_to_silver="jr_1")
    succeeded["ti"].xcoms["archive"] = {"return_value": {}}

    for run in (succeeded, context(bronze_to_silver="jr_1"), context(bronze_to_silver="jr_1")):
        record(run)
    assert inbox.messages() == []

    record(succeeded)
    record(succeeded)
    (told,) = inbox.messages()
    assert told["subject"] == "Recovered: ecommerce"
    assert "runs failed since run-1" in told["message"]


def test_a_run_that_started_nothing_is_skipped(lake: "S3Client") -> None:
    with pytest.raises(AirflowSkipException, match="no Glue run was started"):
        record(context())
    assert keys(lake) == []


@pytest.mark.usefixtures("lake")
def test_a_run_without_a_plan_is_skipped() -> None:
    made: Any = context()
    del made["ti"].xcoms["plan"]
    with pytest.raises(AirflowSkipException, match="made no plan"):
        record(made)


def test_metrics_go_to_the_log_group_of_the_settings(
    lake: "S3Client", glue: GlueService, monkeypatch: pytest.MonkeyPatch
) -> None:
    silver_ran(lake, glue)
    monkeypatch.delenv("AWS_ENDPOINT_URL_CLOUDWATCH_LOGS")
    monkeypatch.setenv("AIRFLOW__LAKEHOUSE__METRICS_LOG_GROUP", "/lakehouse/metrics")
    logs = boto3.client("logs")
    logs.create_log_group(logGroupName="/lakehouse/metrics")

    record(context(bronze_to_silver="jr_1"))

    events = logs.get_log_events(logGroupName="/lakehouse/metrics", logStreamName="ecommerce")["events"]
    assert [json.loads(event["message"])["RecordsRejected"] for event in events] == [1]
