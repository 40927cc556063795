"""What an alarm tells a topic of SNS."""

import json
import re
from functools import lru_cache
from typing import Any

from botocore.loaders import Loader

from local_aws.cloudwatch.alarm import WatchedAlarm, text_of

SUBJECT_CHARACTERS_MAX = 100


def subject(alarm: WatchedAlarm) -> str:
    """As mail has it: state, name, region; a long name is cut."""
    name, place = alarm.name, region_name(alarm.region_name)
    room = SUBJECT_CHARACTERS_MAX - len(f'{alarm.state_value}: "" in {place}')
    shown = name if len(name) <= room else f"{name[: room - 3]}..."
    return f'{alarm.state_value}: "{shown}" in {place}'


def message(alarm: WatchedAlarm, old_state: str) -> str:
    """The JSON document of a change of state."""
    told = {
        "AlarmName": alarm.name,
        "AlarmDescription": alarm.description,
        "AWSAccountId": alarm.account_id,
        "AlarmConfigurationUpdatedTimestamp": text_of(alarm.configuration_updated_timestamp),
        "NewStateValue": alarm.state_value,
        "NewStateReason": alarm.state_reason,
        "StateChangeTime": text_of(alarm.state_updated_timestamp),
        "Region": region_name(alarm.region_name),
        "AlarmArn": alarm.alarm_arn,
        "OldStateValue": old_state,
        "OKActions": alarm.ok_actions,
        "AlarmActions": alarm.alarm_actions,
        "InsufficientDataActions": alarm.insufficient_data_actions,
        "Trigger": _trigger(alarm),
    }
    return json.dumps(told, separators=(",", ":"))


def _trigger(alarm: WatchedAlarm) -> dict[str, Any]:
    kind = "Statistic" if alarm.statistic else "ExtendedStatistic"
    # SampleCount is SAMPLE_COUNT here.
    stat = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", alarm.stat).upper() if alarm.statistic else alarm.stat
    out_of = {"DatapointsToAlarm": alarm.datapoints_to_alarm} if alarm.datapoints_to_alarm else {}
    return {
        "MetricName": alarm.metric_name,
        "Namespace": alarm.namespace,
        "StatisticType": kind,
        kind: stat,
        "Unit": alarm.unit,
        "Dimensions": [{"value": item.value, "name": item.name} for item in alarm.dimensions],
        "Period": alarm.period,
        "EvaluationPeriods": alarm.evaluation_periods,
        **out_of,
        "ComparisonOperator": alarm.comparison_operator,
        "Threshold": None if alarm.threshold is None else float(alarm.threshold),
        "TreatMissingData": alarm.treat_missing_data or "missing",
        "EvaluateLowSampleCountPercentile": alarm.evaluate_low_sample_count_percentile or "",
    }


@lru_cache
def region_name(region: str) -> str:
    """``US East (N. Virginia)`` for ``us-east-1``."""
    for partition in Loader().load_data("endpoints")["partitions"]:
        if region in partition["regions"]:
            return str(partition["regions"][region]["description"])
    return region
