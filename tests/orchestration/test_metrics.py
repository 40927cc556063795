"""Metrics of a run as CloudWatch reads them from its log."""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from orchestration.metrics import metric_line, publish_metrics

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MOMENT = datetime(2025, 4, 2, 6, 5, tzinfo=UTC)
SILVER = {
    "table_address": "ecommerce.silver.orders",
    "run_id": "run-1",
    "domain": "ecommerce",
    "layer": "silver",
    "outcome": "published",
    "rows_read": 8,
    "rows_published": 5,
    "rows_rejected": 2,
    "candidate_seconds": 20.0,
    "publish_seconds": 5.5,
    "quality_score": 0.75,
    "cost_usd": 0.0061,
}
GOLD = SILVER | {"table_address": "ecommerce.gold.daily_sales", "layer": "gold", "rows_read": None}
DIED = GOLD | {
    "outcome": "not_published",
    "rows_published": None,
    "rows_rejected": None,
    "quality_score": None,
}


def values(record: dict[str, Any]) -> dict[str, Any]:
    """Metric → value, as the document declares them."""
    document = json.loads(metric_line(record, MOMENT))
    (directive,) = document["_aws"]["CloudWatchMetrics"]
    return {metric["Name"]: document[metric["Name"]] for metric in directive["Metrics"]}


def test_a_line_declares_metrics_by_table_and_by_domain() -> None:
    document = json.loads(metric_line(SILVER, MOMENT))
    (directive,) = document["_aws"]["CloudWatchMetrics"]

    assert document["_aws"]["Timestamp"] == 1_743_573_900_000
    assert directive["Namespace"] == "Lakehouse"
    assert directive["Dimensions"] == [["Domain", "Layer", "Table"], ["Domain"]]
    assert [document[name] for name in ("Domain", "Layer", "Table")] == ["ecommerce", "silver", "orders"]
    assert values(SILVER) == {
        "RecordsProcessed": 8,
        "RecordsRejected": 2,
        "RejectedShare": 0.25,
        "ErrorRate": 0.0,
        "ProcessingTime": 25.5,
        "DataQualityScore": 0.75,
        "Cost": 0.0061,
    }


def test_what_is_not_known_is_no_metric() -> None:
    assert values(DIED) == {"ErrorRate": 1.0, "ProcessingTime": 25.5, "Cost": 0.0061}


def test_gold_processed_what_it_published() -> None:
    assert values(GOLD)["RecordsProcessed"] == 5


@pytest.mark.usefixtures("lake")
def test_all_tables_go_into_one_stream_of_the_domain() -> None:
    logs = boto3.client("logs")
    logs.create_log_group(logGroupName="/metrics")
    for _ in range(2):  # CloudWatch refuses what is older than 14 days
        now = datetime.now(UTC)
        lines = [metric_line(record, now) for record in (SILVER, GOLD)]
        publish_metrics("/metrics", "ecommerce", lines, now)

    events = logs.get_log_events(logGroupName="/metrics", logStreamName="ecommerce")["events"]
    assert [json.loads(event["message"])["Table"] for event in events] == ["orders", "daily_sales"] * 2


def test_a_group_out_of_reach_is_logged_and_no_error(
    lake: "S3Client", caplog: pytest.LogCaptureFixture
) -> None:
    assert lake
    publish_metrics("/nowhere", "ecommerce", [metric_line(SILVER, MOMENT)], MOMENT)

    assert "did not reach the log group /nowhere" in caplog.text
