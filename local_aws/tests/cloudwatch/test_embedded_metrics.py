"""Which log lines are metrics; the rules and the first document are those of AWS's specification."""

import json

import pytest

from local_aws.cloudwatch.embedded_metrics import metrics_of

TIME = {"Name": "time", "Unit": "Milliseconds", "StorageResolution": 60}
SPECIFIED = {
    "_aws": {
        "Timestamp": 1574109732004,
        "CloudWatchMetrics": [
            {"Namespace": "lambda-function-metrics", "Dimensions": [["functionVersion"]], "Metrics": [TIME]}
        ],
    },
    "functionVersion": "$LATEST",
    "time": 100,
    "requestId": "989ffbf8-9ace-4817-a57c-e4dd734019ee",
}


def document(targets=None, metadata=None, **directive):
    """The specified document with other targets, metadata or members of its directive."""
    made = json.loads(json.dumps(SPECIFIED)) | (targets or {})
    made["_aws"]["CloudWatchMetrics"][0] |= directive
    made["_aws"] |= metadata or {}
    return json.dumps(made)


@pytest.mark.conforms(
    "logs:PutLogEvents",
    "AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html",
    "The CloudWatch embedded metric format is a JSON specification used to instruct "
    "CloudWatch Logs to automatically extract metric values embedded in structured log "
    "events.",
)
def test_the_specified_document_is_a_metric():
    ((namespace, entry),) = metrics_of(json.dumps(SPECIFIED))
    assert namespace == "lambda-function-metrics"
    assert entry["MetricName"] == "time"
    assert entry["Dimensions"] == [{"Name": "functionVersion", "Value": "$LATEST"}]
    assert entry["Timestamp"].isoformat() == "2019-11-18T20:42:12.004000+00:00"
    assert (entry["Unit"], entry["Values"], entry["StorageResolution"]) == ("Milliseconds", [100.0], 60)


@pytest.mark.conforms(
    "logs:PutLogEvents",
    "AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html",
    "Every DimensionSet used creates a new metric in CloudWatch.",
)
def test_each_set_of_dimensions_is_a_metric():
    found = metrics_of(document({"region": "eu"}, Dimensions=[[], ["region"], ["region", "functionVersion"]]))
    assert [[item["Name"] for item in entry["Dimensions"]] for _, entry in found] == [
        [],
        ["region"],
        ["region", "functionVersion"],
    ]


@pytest.mark.conforms(
    "logs:PutLogEvents",
    "AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html",
    "Metric targets MUST be either a numeric value or an array of numeric values.",
)
def test_a_metric_may_have_many_values_and_no_unit():
    ((_, entry),) = metrics_of(document({"time": [1, 2.5, 2.5]}, Metrics=[{"Name": "time"}]))
    assert (entry["Values"], entry["Unit"]) == ([1.0, 2.5, 2.5], "None")


@pytest.mark.conforms(
    "logs:PutLogEvents",
    "AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html",
    "Setting this to 1 specifies this metric as a high-resolution metric, so that CloudWatch "
    "stores the metric with sub-minute resolution down to one second.",
    differs="every metric is kept as it came, to the millisecond",
)
def test_high_resolution_is_told():
    ((_, entry),) = metrics_of(document(Metrics=[{"Name": "time", "StorageResolution": 1}]))
    assert entry["StorageResolution"] == 1


@pytest.mark.conforms(
    "logs:PutLogEvents",
    "AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html",
    "Members not recognized by this specification MUST be ignored.",
)
def test_unknown_members_are_ignored():
    assert metrics_of(document(metadata={"LogGroupName": "x"}, Comment="x"))


@pytest.mark.conforms(
    "logs:PutLogEvents",
    "AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html",
    "The LogEvent message MUST be a valid JSON object with no additional data at the "
    "beginning or end of the LogEvent message string.",
    differs=(
        "a document with one wrong target has no metric at all; AWS does not say what it does, "
        "and counts errors in AWS/Logs"
    ),
)
@pytest.mark.parametrize(
    "message",
    [
        "plain text",
        '{"_aws": ',
        '["_aws"]',
        '{"_aws": 1}',
        f"INFO {json.dumps(SPECIFIED)}",
        document(metadata={"Timestamp": "1574109732004"}),
        document(metadata={"Timestamp": 10**20}),
        document(metadata={"CloudWatchMetrics": {}}),
        document(Namespace=""),
        document(Dimensions=[]),
        document(Dimensions=["functionVersion"]),
        document(Dimensions=[["absent"]]),
        document(Dimensions=[["time"]]),
        document(Metrics=[{"Name": "absent"}]),
        document(Metrics=[{"Name": "functionVersion"}]),
        document(Metrics=[{"Name": "time", "StorageResolution": 5}]),
        document(Metrics=[{"Name": "time"}] * 101),
        document({"time": [1] * 101}),
        document({"time": True}),
        document({"time": {"value": 1}}),
        document({"time": float("nan")}),
    ],
)
def test_what_breaks_the_rules_is_only_a_line(message):
    assert metrics_of(message) == []


def test_no_values_are_no_datum():
    assert metrics_of(document({"time": []})) == []
