"""CloudWatch metrics of runs and tables, as log lines: one call for all of them."""

import logging
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import boto3

from lakehouse.embedded_metrics import embedded_metrics
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
    "Freshness": "Seconds",
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
    return _line(record["table_address"], known, moment, RunId=record["run_id"])


def freshness_line(table_address: str, age: timedelta, moment: datetime) -> str:
    """A table's age as a document."""
    return _line(table_address, {"Freshness": age.total_seconds()}, moment)


def _line(table_address: str, values: Mapping[str, float], moment: datetime, **properties: str) -> str:
    domain, layer, table = table_address.split(".")
    named = {"Domain": domain, "Layer": layer, "Table": table, **properties}
    return embedded_metrics(NAMESPACE, _DIMENSIONS, METRICS, values, _milliseconds(moment), named)


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def publish_metrics(group: str, stream: str, lines: Iterable[str], moment: datetime) -> None:
    """Write documents to a log group that exists; one out of reach is logged, never an error of the task."""
    events = [{"timestamp": _milliseconds(moment), "message": line} for line in lines]
    try:
        logs: Any = boto3.client("logs", region_name=Settings().region)
        with suppress(logs.exceptions.ResourceAlreadyExistsException):
            logs.create_log_stream(logGroupName=group, logStreamName=stream)
        logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)
    except Exception:
        logger.exception("The metrics of this run did not reach the log group %s", group)
