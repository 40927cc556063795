"""What an alarm tells EventBridge.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
"""

import json
import uuid
from typing import Any

from local_aws.cloudwatch.alarm import WatchedAlarm, text_of


def detail(alarm: WatchedAlarm, old: dict[str, Any]) -> dict[str, Any]:
    """The detail of a change of state; ``old`` is what the history's ``state_of`` said before."""
    return {
        "alarmName": alarm.name,
        "configuration": {
            **({"description": alarm.description} if alarm.description else {}),
            "metrics": [_metric(alarm)] if alarm.watched else [],
        },
        "previousState": _state(old["stateValue"], old["stateReason"], old.get("stateReasonData")),
        "state": {
            **_state(alarm.state_value, alarm.state_reason, json.loads(alarm.state_reason_data or "{}")),
            "timestamp": text_of(alarm.state_updated_timestamp),
        },
    }


def _metric(alarm: WatchedAlarm) -> dict[str, Any]:
    metric = {
        "dimensions": {item.name: item.value for item in alarm.dimensions},
        "name": alarm.metric_name,
        "namespace": alarm.namespace,
    }
    stat = {"metric": metric, "period": alarm.period, "stat": alarm.stat}
    # The same for each event of an alarm, as on AWS.
    number = uuid.uuid5(uuid.NAMESPACE_URL, alarm.alarm_arn)
    return {"id": str(number), "metricStat": stat, "returnData": True}


def _state(value: str, reason: str, data: dict[str, Any] | None) -> dict[str, Any]:
    return {"value": value, "reason": reason, **({"reasonData": json.dumps(data)} if data else {})}
