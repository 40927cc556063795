"""CloudWatch metrics as log lines, one JSON document each: no agent, no call for each metric.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import json
from collections.abc import Mapping, Sequence


def embedded_metrics(
    namespace: str,
    dimensions: Sequence[Sequence[str]],
    units: Mapping[str, str],
    values: Mapping[str, float],
    timestamp: int,
    properties: Mapping[str, str],
) -> str:
    """A document in one line.

    Args:
        namespace: Of all metrics.
        dimensions: Sets of names of `properties`; each metric is made once for each set.
        units: Metric → CloudWatch's unit; `Count` where none is named.
        values: Metric → value.
        timestamp: Milliseconds since 1970 UTC.
        properties: What the line says besides, dimensions among it.
    """
    directive = {
        "Namespace": namespace,
        "Dimensions": dimensions,
        "Metrics": [{"Name": name, "Unit": units.get(name, "Count")} for name in values],
    }
    head = {"Timestamp": timestamp, "CloudWatchMetrics": [directive]}
    return json.dumps({"_aws": head, **properties, **values})
