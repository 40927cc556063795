"""Metrics in log lines.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

TARGET_VALUES_MAX = 100
_Name = Annotated[str, Field(min_length=1, max_length=1024)]


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True)


class _Metric(_Strict):
    name: _Name = Field(alias="Name")
    unit: str = Field("None", alias="Unit")
    storage_resolution: Literal[1, 60] = Field(60, alias="StorageResolution")


class _Directive(_Strict):
    namespace: Annotated[str, Field(min_length=1, max_length=255, alias="Namespace")]
    dimensions: Annotated[
        list[Annotated[list[_Name], Field(max_length=30)]], Field(min_length=1, alias="Dimensions")
    ]
    metrics: Annotated[list[_Metric], Field(max_length=100, alias="Metrics")]


class _Metadata(_Strict):
    timestamp: int = Field(alias="Timestamp")
    directives: list[_Directive] = Field(alias="CloudWatchMetrics")


def metrics_of(message: str) -> list[tuple[str, dict[str, Any]]]:
    """Read a log line.

    Returns:
        A namespace and an entry of PutMetricData for each metric and set of dimensions; none of a line that is no
        document of the format, or breaks its rules anywhere.
    """
    if '"_aws"' not in message:
        return []
    try:
        document = json.loads(message, parse_constant=_no_number)
        metadata = _Metadata.model_validate(document["_aws"])
        return list(_entries(document, metadata))
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        return []


def _entries(document: dict[str, Any], metadata: _Metadata) -> Iterator[tuple[str, dict[str, Any]]]:
    at = datetime.fromtimestamp(metadata.timestamp / 1000, UTC)
    for directive in metadata.directives:
        for keys in directive.dimensions:
            dimensions = [{"Name": key, "Value": _text(document[key])} for key in keys]
            for metric in directive.metrics:
                entry = {
                    "MetricName": metric.name,
                    "Dimensions": dimensions,
                    "Timestamp": at,
                    "Unit": metric.unit,
                    "StorageResolution": metric.storage_resolution,
                    "Values": _numbers(document[metric.name]),
                }
                if entry["Values"]:
                    yield directive.namespace, entry


def _numbers(target: Any) -> list[float]:
    """Values of a metric's target.

    Raises:
        ValueError: It is neither a number nor a list of at most 100.
    """
    values = target if isinstance(target, list) else [target]
    if len(values) > TARGET_VALUES_MAX or any(type(value) not in {int, float} for value in values):
        raise ValueError("The target is neither a number nor up to 100 of them")
    return [float(value) for value in values]


def _text(target: Any) -> str:
    if not isinstance(target, str):
        raise TypeError("The target of a dimension is no text")
    return target


def _no_number(constant: str) -> float:
    raise ValueError(f"{constant} is not JSON")
