"""CloudWatch metrics of a run as log lines in embedded metric format: one call for all of them.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import json
import logging
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

import boto3

from lakehouse.settings import Settings

logger = logging.getLogger(__name__)

NAMESPACE = "Lakehouse"
METRICS = {
    "RecordsProcessed": "Count",
    "RecordsRejected": "Count",
    "RejectedShare": "None",
    "ErrorRate": "None",
    "ProcessingTime": "Seconds",
    "DataQualityScore": "None",
    "Cost": "None",
}
"""Metric → CloudWatch's unit. Shares and the score are from 0 to 1, cost is USD."""
_DIMENSIONS = [["Domain", "Layer", "Table"], ["Domain"]]


def metric_line(record: Mapping[str, Any], moment: datetime) -> str:
    """One record of `run_record.table_records` as a document; a value that is not known is left out."""
    read, rejected = record["rows_read"], record["rows_rejected"]
    values = {
        "RecordsProcessed": record["rows_published"] if read is None else read,
        "RecordsRejected": rejected,
        "RejectedShare": rejected / read if read and rejected is not None else None,
        "ErrorRate": float(record["outcome"] == "not_published"),
        "ProcessingTime": record["candidate_seconds"] + record["publish_seconds"],
        "DataQualityScore": record["quality_score"],
        "Cost": record["cost_usd"],
    }
    known = {name: value for name, value in values.items() if value is not None}
    directive = {
        "Namespace": NAMESPACE,
        "Dimensions": _DIMENSIONS,
        "Metrics": [{"Name": name, "Unit": METRICS[name]} for name in known],
    }
    return json.dumps(
        {
            "_aws": {"Timestamp": int(moment.timestamp() * 1000), "CloudWatchMetrics": [directive]},
            "Domain": record["domain"],
            "Layer": record["layer"],
            "Table": record["table_address"].rpartition(".")[2],
            "RunId": record["run_id"],
            **known,
        }
    )


def publish_metrics(group: str, stream: str, records: Iterable[Mapping[str, Any]], moment: datetime) -> None:
    """Write the records' metrics to a log group that exists; one out of reach is logged, never an error of the task."""
    milliseconds = int(moment.timestamp() * 1000)
    events = [{"timestamp": milliseconds, "message": metric_line(record, moment)} for record in records]
    try:
        logs: Any = boto3.client("logs", region_name=Settings().region)
        with suppress(logs.exceptions.ResourceAlreadyExistsException):
            logs.create_log_stream(logGroupName=group, logStreamName=stream)
        logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)
    except Exception:
        logger.exception("The metrics of this run did not reach the log group %s", group)
