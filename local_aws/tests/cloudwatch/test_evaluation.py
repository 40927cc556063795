"""The state that datapoints mean: the tables of AWS's page on missing data, row by row.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
Datapoints are written as there: 0 does not breach, X breaches, - is missing, the latest is on the right.
"""

from datetime import UTC, datetime, timedelta

import pytest

from local_aws.cloudwatch.evaluation import Datapoint, Outcome, Rule, evaluate
from local_aws.cloudwatch.reason import reason

TREATMENTS = ("missing", "ignore", "breaching", "notBreaching")
VALUES = {"0": 0.0, "X": 9.0, "-": None}
NOON = datetime(2025, 4, 1, 12, tzinfo=UTC)
KEEP = None


def points(text):
    return [Datapoint(NOON + timedelta(minutes=k), VALUES[sign]) for k, sign in enumerate(text.split())]


@pytest.mark.conforms(
    "cloudwatch:PutMetricAlarm",
    "AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html",
    "If some data points in the evaluation range are missing, and the number of actual data "
    "points that were retrieved is lower than the alarm's number of **Evaluation Periods**, "
    "CloudWatch fills in the missing data points with the result you specified for how to "
    "treat missing data, and then evaluates the alarm.",
    differs="the range is always two periods more; AWS tells its length only in examples",
)
@pytest.mark.parametrize(
    ("least", "text", "states"),
    [
        (3, "0 - X - X", ("OK", "OK", "OK", "OK")),
        (3, "0 - - - -", ("OK", "OK", "OK", "OK")),
        (3, "- - - - -", ("INSUFFICIENT_DATA", KEEP, "ALARM", "OK")),
        (3, "0 X X - X", ("ALARM", "ALARM", "ALARM", "ALARM")),
        (3, "- - X - -", ("ALARM", KEEP, "ALARM", "OK")),
        (2, "0 - X - X", ("ALARM", "ALARM", "ALARM", "ALARM")),
        (2, "0 0 X 0 X", ("ALARM", "ALARM", "ALARM", "ALARM")),
        (2, "0 - X - -", ("OK", "OK", "ALARM", "OK")),
        (2, "- - - - 0", ("OK", "OK", "ALARM", "OK")),
        (2, "- - - X -", ("ALARM", KEEP, "ALARM", "OK")),
    ],
)
def test_as_the_tables_have_it(least, text, states):
    rules = [Rule("GreaterThanThreshold", 5, 3, least, missing) for missing in TREATMENTS]
    assert tuple(evaluate(rule, points(text)).state for rule in rules) == states


@pytest.mark.conforms(
    "cloudwatch:PutMetricAlarm",
    "AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html",
    "Because the next data point may be non-breaching, the alarm does not go immediately "
    "into ALARM state when the data is either `- - - - X` or `- - - X -` and **Datapoints to "
    "Alarm** is 3.",
)
@pytest.mark.parametrize("text", ["- - - - X", "- - - X -"])
def test_a_breaching_datapoint_alone_is_no_alarm_yet(text):
    assert evaluate(Rule("GreaterThanThreshold", 5, 3, 3), points(text)).state == "INSUFFICIENT_DATA"


@pytest.mark.conforms(
    "cloudwatch:PutMetricAlarm",
    "AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html",
    "The specified statistic value is used as the first operand.",
)
@pytest.mark.parametrize(
    ("comparison", "breaching"),
    [
        ("GreaterThanThreshold", {6.0}),
        ("GreaterThanOrEqualToThreshold", {5.0, 6.0}),
        ("LessThanThreshold", {4.0}),
        ("LessThanOrEqualToThreshold", {4.0, 5.0}),
    ],
)
def test_the_statistic_is_the_first_operand(comparison, breaching):
    rule = Rule(comparison, 5, 1, 1)
    assert {value for value in (4.0, 5.0, 6.0) if rule.breaches(value)} == breaching


# Reasons as they stand in messages that AWS sent, with these values and times.
@pytest.mark.parametrize(
    ("rule", "text", "out_of", "words"),
    [
        (
            Rule("GreaterThanThreshold", 5.0, 1, 1),
            "X",
            False,
            "Threshold Crossed: 1 datapoint [9.0 (01/04/25 12:00:00)] was greater than the threshold (5.0).",
        ),
        (
            Rule("GreaterThanOrEqualToThreshold", 5.0, 1, 1),
            "0",
            False,
            "Threshold Crossed: 1 datapoint [0.0 (01/04/25 12:00:00)] was not greater than or equal to the "
            "threshold (5.0).",
        ),
        (
            Rule("LessThanThreshold", 5.0, 2, 2),
            "X X",
            True,
            "Threshold Crossed: 2 out of the last 2 datapoints [9.0 (01/04/25 12:01:00), 9.0 (01/04/25 12:00:00)] "
            "were not less than the threshold (5.0) (minimum 1 datapoint for ALARM -> OK transition).",
        ),
        (
            Rule("GreaterThanThreshold", 5.0, 20, 1, "notBreaching"),
            "- X -",
            True,
            "Threshold Crossed: 1 out of the last 20 datapoints [9.0 (01/04/25 12:01:00)] was greater than the "
            "threshold (5.0) and 19 missing datapoints were treated as [NonBreaching] "
            "(minimum 1 datapoint for OK -> ALARM transition).",
        ),
        (
            Rule("GreaterThanThreshold", 5.0, 1, 1, "breaching"),
            "- - -",
            False,
            "Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as "
            "[Breaching].",
        ),
        (
            Rule("GreaterThanThreshold", 5.0, 5, 5),
            "- -",
            True,
            "Insufficient Data: 5 datapoints were unknown.",
        ),
    ],
)
def test_reasons_are_worded_as_by_aws(rule, text, out_of, words):
    outcome = evaluate(rule, points(text))
    assert isinstance(outcome, Outcome)
    assert reason(rule, outcome, out_of=out_of) == words
