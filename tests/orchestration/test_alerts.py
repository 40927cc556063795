"""Each fault is told by one message on the topic of its kind, and on no other."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from airflow.sdk.exceptions import AirflowException

from orchestration.archive_operator import ArchiveOperator
from orchestration.configuration import configuration
from orchestration.failure import StepFailedError, VerdictError
from orchestration.freshness_operator import FreshnessOperator
from orchestration.gate import GateOperator
from orchestration.notification import notify_failure
from tests.orchestration.conftest import Inbox
from tests.orchestration.documents_on_s3 import DEPARTMENT, broken, put, put_verdict, verdict
from tests.orchestration.running import a_context

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

TOPICS = {"failures": "SNS_TOPIC_ARN", "quality": "SNS_QUALITY_TOPIC_ARN", "delays": "SNS_DELAY_TOPIC_ARN"}

RUNBOOK = re.compile(r"^Runbook: docs/runbooks/(\w+)\.md$", re.MULTILINE)

type Told = Callable[[], dict[str, list[tuple[str, str]]]]


@pytest.fixture
def told(lake: "S3Client", monkeypatch: pytest.MonkeyPatch) -> Told:
    """Topic → subject and runbook of each message that reached it."""
    assert lake
    monkeypatch.setenv("ECOM_S3_BUCKET_NAME", "lake")
    inboxes = {kind: Inbox(kind) for kind in TOPICS}
    for kind, setting in TOPICS.items():
        monkeypatch.setenv(f"AIRFLOW__LAKEHOUSE__{setting}", inboxes[kind].topic)

    def messages(inbox: Inbox) -> list[tuple[str, str]]:
        return [(one["subject"], *RUNBOOK.findall(one["message"])) for one in inbox.messages()]

    return lambda: {kind: found for kind, inbox in inboxes.items() if (found := messages(inbox))}


def failed(task_id: str, error: Exception) -> None:
    context: Any = a_context()
    context["ti"].task_id = task_id
    notify_failure(context | {"exception": error})


def a_glue_run_fails(_lake: "S3Client") -> None:
    failed("silver_to_gold.publish", StepFailedError("long", summary="Glue run jr_1 ended FAILED"))


def a_task_is_lost(_lake: "S3Client") -> None:
    failed("archive", AirflowException("heartbeat"))


def a_gate_closes(_lake: "S3Client") -> None:
    failed(
        "bronze_to_silver.gate_orders",
        VerdictError("long", summary="user_id must be present", runbook="gate_closed"),
    )


def a_gate_warns(lake: "S3Client") -> None:
    put_verdict(lake, verdict("warned", broken(DEPARTMENT, "22 pairs")))
    summary = {"outcome": "candidate", "tables": {"orders": "candidate"}}
    gate = GateOperator(task_id="gate_orders", layer="silver", table="orders", candidate="candidate")
    gate.execute(a_context(candidate=summary))


def a_file_cannot_be_read(lake: "S3Client") -> None:
    lake.put_object(Bucket="lake", Key="raw/orders/a.csv", Body=b"\x00")
    etag = lake.head_object(Bucket="lake", Key="raw/orders/a.csv")["ETag"]
    file = {"uri": "s3://lake/raw/orders/a.csv", "sha256": "0" * 64, "status": "failed", "etag": etag}
    put(lake, "metadata/runs/run-1/bronze/candidate.json", {"tables": {"orders": {"files": [file]}}})
    ArchiveOperator(task_id="archive", candidate="candidate").execute(
        a_context(candidate={"tables": {"orders": "candidate"}})
    )


def gold_is_late(lake: "S3Client") -> None:
    published_at = (datetime.now(UTC) - timedelta(days=3)).isoformat()
    put(lake, "metadata/manifests/ecommerce/latest.json", {"published_at": published_at})
    check = FreshnessOperator(task_id="ecommerce", domain="ecommerce", settings=configuration())
    with pytest.raises(VerdictError):
        check.execute(a_context())


@pytest.mark.parametrize(
    ("fault", "alert"),
    [
        (a_glue_run_fails, {"failures": [("Failed: ecommerce silver_to_gold.publish", "task_failed")]}),
        (a_task_is_lost, {"failures": [("Failed: ecommerce archive", "task_failed")]}),
        (a_gate_closes, {"quality": [("Failed: ecommerce bronze_to_silver.gate_orders", "gate_closed")]}),
        (a_gate_warns, {"quality": [("Warning: ecommerce.silver.orders", "gate_warned")]}),
        (a_file_cannot_be_read, {"quality": [("Unreadable files: ecommerce", "files_unreadable")]}),
        (gold_is_late, {"delays": [("Late: ecommerce gold", "gold_late")]}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_fault_has_its_alert_and_no_other(
    lake: "S3Client", told: Told, fault: Callable[["S3Client"], None], alert: dict[str, list[tuple[str, str]]]
) -> None:
    fault(lake)

    assert told() == alert
