"""Metrics, and alarms that notify a topic, through a server."""

import json
import re
import time
from datetime import UTC, datetime

import pytest

WAIT_SECONDS = 20
SETTLED_SECONDS = 1  # five evaluations
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000"


@pytest.fixture
def inbox(watched, request):
    """A topic, and a function that reads what its subscriber, a queue, got."""
    sns, sqs = watched.client("sns"), watched.client("sqs")
    name = re.sub(r"\W+", "-", request.node.name)
    topic = sns.create_topic(Name=name)["TopicArn"]
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)

    def read():
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        for message in found:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"]) for message in found]

    return topic, read


@pytest.fixture
def alarm(cloudwatch, namespace, inbox):
    """Creates an alarm on the metric Errors, with actions to the topic; returns its name."""
    topic, _ = inbox

    def put(**definition):
        cloudwatch.put_metric_alarm(
            **{
                "AlarmName": namespace,
                "Namespace": namespace,
                "MetricName": "Errors",
                "Statistic": "Sum",
                "Period": 60,
                "EvaluationPeriods": 1,
                "Threshold": 3,
                "ComparisonOperator": "GreaterThanThreshold",
                "AlarmActions": [topic],
                "OKActions": [topic],
                **definition,
            }
        )
        return namespace

    return put


def described(cloudwatch, name):
    (found,) = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return found


def wait_for_state(cloudwatch, name, state):
    deadline = time.monotonic() + WAIT_SECONDS
    while (found := described(cloudwatch, name))["StateValue"] != state:
        assert time.monotonic() < deadline, found
        time.sleep(0.05)
    return found


def wait_for_messages(read):
    deadline = time.monotonic() + WAIT_SECONDS
    while not (found := read()):
        assert time.monotonic() < deadline, "no message came"
        time.sleep(0.05)
    return found


def put(cloudwatch, namespace, at, *values, dimensions=()):
    entry = {"MetricName": "Errors", "Timestamp": at, "Values": list(values), "Dimensions": list(dimensions)}
    cloudwatch.put_metric_data(Namespace=namespace, MetricData=[entry])


@pytest.mark.conforms(
    "cloudwatch:PutMetricAlarm",
    "AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html",
    "The actions to execute when this alarm transitions to the ALARM state from any other state.",
    differs="of the actions only SNS is executed; the message is worded as in those that AWS sent",
)
def test_a_breach_notifies_once_and_its_end_once(cloudwatch, namespace, alarm, inbox, minutes_ago):
    topic, read = inbox
    name = alarm(AlarmDescription="Too many", TreatMissingData="notBreaching")
    wait_for_state(cloudwatch, name, "OK")
    (first,) = wait_for_messages(read)
    assert json.loads(first["Message"])["OldStateValue"] == "INSUFFICIENT_DATA"
    at = minutes_ago(1)
    put(cloudwatch, namespace, at, 2, 4)
    found = wait_for_state(cloudwatch, name, "ALARM")
    assert (found["AlarmName"], found["AlarmDescription"], found["Threshold"]) == (name, "Too many", 3)
    assert found["AlarmConfigurationUpdatedTimestamp"] < found["StateTransitionedTimestamp"]
    reason = (
        f"Threshold Crossed: 1 datapoint [6.0 ({at:%d/%m/%y %H:%M}:00)] was greater than the threshold (3.0)."
    )
    assert found["StateReason"] == reason
    (envelope,) = wait_for_messages(read)
    time.sleep(SETTLED_SECONDS)
    assert read() == []
    message = json.loads(envelope["Message"])
    assert envelope["Subject"] == f'ALARM: "{name}" in US East (N. Virginia)'
    for key in ("StateChangeTime", "AlarmConfigurationUpdatedTimestamp"):
        assert re.fullmatch(TIME, message.pop(key))
    assert message == {
        "AlarmName": name,
        "AlarmDescription": "Too many",
        "AWSAccountId": "123456789012",
        "NewStateValue": "ALARM",
        "NewStateReason": reason,
        "Region": "US East (N. Virginia)",
        "AlarmArn": f"arn:aws:cloudwatch:us-east-1:123456789012:alarm:{name}",
        "OldStateValue": "OK",
        "OKActions": [topic],
        "AlarmActions": [topic],
        "InsufficientDataActions": [],
        "Trigger": {
            "MetricName": "Errors",
            "Namespace": namespace,
            "StatisticType": "Statistic",
            "Statistic": "SUM",
            "Unit": None,
            "Dimensions": [],
            "Period": 60,
            "EvaluationPeriods": 1,
            "ComparisonOperator": "GreaterThanThreshold",
            "Threshold": 3.0,
            "TreatMissingData": "notBreaching",
            "EvaluateLowSampleCountPercentile": "",
        },
    }
    put(cloudwatch, namespace, at, -5)
    (end,) = wait_for_messages(read)
    assert json.loads(end["Message"])["NewStateValue"] == "OK"


@pytest.mark.conforms(
    "cloudwatch:PutMetricAlarm",
    "AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html",
    "The number of data points that must be breaching to trigger the alarm.",
)
def test_two_of_three_datapoints_are_enough(cloudwatch, namespace, alarm, minutes_ago):
    name = alarm(EvaluationPeriods=3, DatapointsToAlarm=2)
    for minutes, value in ((3, 9), (2, 0), (1, 8)):
        put(cloudwatch, namespace, minutes_ago(minutes), value)
    found = wait_for_state(cloudwatch, name, "ALARM")
    assert "2 out of the last 3 datapoints [8.0 (" in found["StateReason"]
    assert json.loads(found["StateReasonData"])["recentDatapoints"] == [9.0, 0.0, 8.0]


@pytest.mark.conforms(
    "cloudwatch:PutMetricData",
    "AmazonCloudWatch/latest/APIReference/API_Dimension.html",
    "Because dimensions are part of the unique identifier for a metric, whenever you add a "
    "unique name/value pair to one of your metrics, you are creating a new variation of that "
    "metric.",
)
def test_other_dimensions_are_another_metric(cloudwatch, namespace, alarm, minutes_ago):
    name = alarm(Dimensions=[{"Name": "Table", "Value": "orders"}], TreatMissingData="notBreaching")
    wait_for_state(cloudwatch, name, "OK")
    table = {"Name": "Table", "Value": "orders"}
    put(cloudwatch, namespace, minutes_ago(1), 9)
    put(cloudwatch, namespace, minutes_ago(1), 9, dimensions=[table, {"Name": "Run", "Value": "1"}])
    time.sleep(SETTLED_SECONDS)
    assert described(cloudwatch, name)["StateValue"] == "OK"
    put(cloudwatch, namespace, minutes_ago(1), 9, dimensions=[table])
    wait_for_state(cloudwatch, name, "ALARM")


@pytest.mark.conforms(
    "cloudwatch:PutMetricAlarm",
    "AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html",
    "When this operation creates an alarm, the alarm state is immediately set to INSUFFICIENT_DATA.",
)
@pytest.mark.conforms(
    "cloudwatch:PutMetricAlarm",
    "AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html",
    "When you update an existing alarm, its state is left unchanged, but the update "
    "completely overwrites the previous configuration of the alarm.",
)
def test_a_new_alarm_is_unchecked_and_a_replaced_one_keeps_its_state(cloudwatch, alarm):
    name = alarm(TreatMissingData="ignore")
    found = described(cloudwatch, name)
    assert (found["StateValue"], found["StateReason"]) == (
        "INSUFFICIENT_DATA",
        "Unchecked: Initial alarm creation",
    )
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="test")
    alarm(TreatMissingData="ignore", Threshold=4)
    found = described(cloudwatch, name)
    assert (found["StateValue"], found["Threshold"]) == ("ALARM", 4)


@pytest.mark.conforms(
    "cloudwatch:SetAlarmState",
    "AmazonCloudWatch/latest/APIReference/API_SetAlarmState.html",
    "When the updated state differs from the previous value, the action configured for the "
    "appropriate state is invoked.",
)
@pytest.mark.conforms(
    "cloudwatch:SetAlarmState",
    "AmazonCloudWatch/latest/APIReference/API_SetAlarmState.html",
    "Metric alarms returns to their actual state quickly, often within seconds.",
)
def test_a_set_state_acts_and_returns_to_the_actual_one(cloudwatch, alarm, inbox):
    _, read = inbox
    name = alarm(TreatMissingData="notBreaching")
    wait_for_messages(read)
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="test")
    wait_for_state(cloudwatch, name, "OK")
    assert "test" in {json.loads(found["Message"])["NewStateReason"] for found in read()}


@pytest.mark.conforms(
    "cloudwatch:DescribeAlarmHistory",
    "AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html",
    "CloudWatch retains the history of an alarm even if you delete the alarm.",
    differs="the last 10,000 items of all alarms, until the server ends",
)
def test_the_history_tells_states_and_actions(cloudwatch, alarm, inbox):
    topic, _ = inbox
    name = alarm(TreatMissingData="ignore")
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="test")
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="test")
    cloudwatch.delete_alarms(AlarmNames=[name])
    pages = cloudwatch.get_paginator("describe_alarm_history").paginate(
        AlarmName=name, PaginationConfig={"PageSize": 1}
    )
    items = [item for page in pages for item in page["AlarmHistoryItems"]]
    assert [(item["HistoryItemType"], item["HistorySummary"]) for item in items] == [
        ("ConfigurationUpdate", f'Alarm "{name}" deleted'),
        ("Action", f"Successfully executed action {topic}"),
        ("StateUpdate", "Alarm updated from INSUFFICIENT_DATA to ALARM"),
        ("ConfigurationUpdate", f'Alarm "{name}" created'),
    ]
    data = json.loads(items[2]["HistoryData"])
    assert (data["oldState"]["stateValue"], data["newState"]["stateReason"]) == ("INSUFFICIENT_DATA", "test")


@pytest.mark.conforms(
    "cloudwatch:SetAlarmState",
    "AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html",
    "CloudWatch sends events to Amazon EventBridge whenever a CloudWatch alarm is created, "
    "updated, deleted, or changes alarm state.",
    differs="only of changes of state",
)
def test_a_change_of_state_is_an_event(watched, cloudwatch, alarm, namespace):
    events, sqs = watched.client("events"), watched.client("sqs")
    url = sqs.create_queue(QueueName="alarm-events")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_rule(Name="alarms", EventPattern=json.dumps({"source": ["aws.cloudwatch"]}))
    events.put_targets(Rule="alarms", Targets=[{"Id": "1", "Arn": arn}])
    name = alarm(TreatMissingData="ignore")
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="test")
    found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    (event,) = [item for item in map(json.loads, (m["Body"] for m in found)) if name in item["resources"][0]]
    assert event["detail-type"] == "CloudWatch Alarm State Change"
    detail = event["detail"]
    assert (detail["alarmName"], detail["state"]["value"], detail["previousState"]["value"]) == (
        name,
        "ALARM",
        "INSUFFICIENT_DATA",
    )
    assert detail["configuration"]["metrics"][0]["metricStat"] == {
        "metric": {"dimensions": {}, "name": "Errors", "namespace": namespace},
        "period": 60,
        "stat": "Sum",
    }
    events.remove_targets(Rule="alarms", Ids=["1"])


@pytest.mark.conforms(
    "cloudwatch:PutMetricAlarm",
    "AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html",
    "Indicates whether actions should be executed during any changes to the alarm state.",
)
def test_disabled_actions_are_not_executed(cloudwatch, alarm, inbox):
    _, read = inbox
    name = alarm(TreatMissingData="ignore", ActionsEnabled=False)
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="test")
    assert read() == []


@pytest.mark.conforms(
    "cloudwatch:PutMetricAlarm",
    "AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html",
    "Valid values are 10, 20, 30, and any multiple of 60.",
    differs="the error is worded by us",
)
def test_a_period_has_to_be_whole_minutes(cloudwatch, alarm):
    with pytest.raises(cloudwatch.exceptions.ClientError, match="multiple of 60"):
        alarm(Period=90)


@pytest.mark.conforms(
    "cloudwatch:GetMetricStatistics",
    "AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html",
    "You must specify the same dimensions that were used when the metrics were created.",
)
def test_log_lines_become_metrics(watched, cloudwatch, namespace, minutes_ago):
    logs = watched.client("logs")
    logs.create_log_group(logGroupName=namespace)
    logs.create_log_stream(logGroupName=namespace, logStreamName="s")
    at = minutes_ago(2)
    directive = {
        "Namespace": namespace,
        "Dimensions": [["Table"], ["Table", "Layer"]],
        "Metrics": [{"Name": "Rows", "Unit": "Count"}],
    }
    told = {"_aws": {"Timestamp": int(at.timestamp() * 1000), "CloudWatchMetrics": [directive]}}
    lines = [json.dumps(told | {"Table": "orders", "Layer": "gold", "Rows": rows}) for rows in (5, [1, 2])]
    now = int(datetime.now(UTC).timestamp() * 1000)
    events = [{"timestamp": now, "message": line} for line in [*lines, "no metric", '{"_aws": {}}']]
    logs.put_log_events(logGroupName=namespace, logStreamName="s", logEvents=events)
    found = cloudwatch.list_metrics(Namespace=namespace)["Metrics"]
    assert [[item["Name"] for item in metric["Dimensions"]] for metric in found] == [
        ["Table"],
        ["Table", "Layer"],
    ]
    (point,) = cloudwatch.get_metric_statistics(
        Namespace=namespace,
        MetricName="Rows",
        Dimensions=[{"Name": "Table", "Value": "orders"}],
        StartTime=minutes_ago(5),
        EndTime=minutes_ago(0),
        Period=60,
        Statistics=["Sum", "SampleCount", "Maximum"],
    )["Datapoints"]
    assert point == {"Timestamp": at, "Unit": "Count", "Sum": 8, "SampleCount": 3, "Maximum": 5}
    kept = logs.get_log_events(logGroupName=namespace, logStreamName="s", startFromHead=True)["events"]
    assert [event["message"] for event in kept] == [event["message"] for event in events]


@pytest.mark.conforms(
    "cloudwatch:GetMetricStatistics",
    "AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html",
    "CloudWatch aggregates data points based on the length of the period that you specify.",
    differs="a percentile is that of the nearest rank",
)
def test_statistics_are_told_by_period(cloudwatch, namespace, minutes_ago):
    for minutes, values in ((4, (1, 2, 3)), (3, (10,)), (1, (7, 9))):
        put(cloudwatch, namespace, minutes_ago(minutes), *values)
    asked = {"StartTime": minutes_ago(5), "EndTime": minutes_ago(0)}
    found = cloudwatch.get_metric_statistics(
        Namespace=namespace, MetricName="Errors", Period=120, ExtendedStatistics=["p50"], **asked
    )["Datapoints"]
    assert [(point["Timestamp"], point["ExtendedStatistics"]["p50"]) for point in found] == [
        (minutes_ago(5), 2),
        (minutes_ago(3), 10),
        (minutes_ago(1), 7),
    ]
    metric = {"Namespace": namespace, "MetricName": "Errors"}
    queries = [
        {"Id": stat.lower(), "MetricStat": {"Metric": metric, "Period": 60, "Stat": stat}}
        for stat in ("Average", "Minimum")
    ]
    answers = cloudwatch.get_metric_data(MetricDataQueries=queries, ScanBy="TimestampAscending", **asked)
    assert [(answer["Id"], answer["Values"]) for answer in answers["MetricDataResults"]] == [
        ("average", [2, 10, 8]),
        ("minimum", [1, 10, 7]),
    ]
    assert answers["MetricDataResults"][0]["Timestamps"] == [minutes_ago(4), minutes_ago(3), minutes_ago(1)]


@pytest.mark.conforms(
    "cloudwatch:PutMetricAlarm",
    "AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html",
    "An array of MetricDataQuery structures that enable you to create an alarm based on the result of a metric "
    "math expression.",
    absent="such an alarm is kept, and never evaluated",
)
def test_an_alarm_on_an_expression_is_not_evaluated(cloudwatch, namespace):
    stat = {"Metric": {"Namespace": namespace, "MetricName": "m"}, "Period": 60, "Stat": "Sum"}
    cloudwatch.put_metric_alarm(
        AlarmName=namespace,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="breaching",
        Metrics=[
            {"Id": "e", "Expression": "m1 * 2"},
            {"Id": "m1", "MetricStat": stat, "ReturnData": False},
        ],
    )
    time.sleep(SETTLED_SECONDS)
    assert described(cloudwatch, namespace)["StateReason"] == "Unchecked: Initial alarm creation"
