"""What a target gets of an event: the examples of AWS's page on input transformation.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
"""

import json

import pytest

from local_aws.events.target_input import target_input

EVENT = {
    "version": "0",
    "id": "7bf73129-1428-4cd3-a780-95db273d1602",
    "detail-type": "EC2 Instance State-change Notification",
    "source": "aws.ec2",
    "account": "123456789012",
    "time": "2015-11-11T21:29:54Z",
    "region": "us-east-1",
    "resources": ["arn:aws:ec2:us-east-1:123456789012:instance/i-abcd1111"],
    "detail": {"instance-id": "i-0123456789", "state": "RUNNING"},
}
PATHS = {
    "timestamp": "$.time",
    "instance": "$.detail.instance-id",
    "state": "$.detail.state",
    "resource": "$.resources[0]",
}


def given(**target):
    return target_input(target, EVENT, "example", "arn:aws:events:us-east-2:123456789012:rule/example")


@pytest.mark.conforms(
    "events:PutTargets",
    "eventbridge/latest/userguide/eb-transform-target-input.html",
    "If you specify a variable to match a JSON path that doesn't exist in the event, that "
    "variable isn't created and won't appear in the output.",
)
@pytest.mark.parametrize(
    ("template", "text"),
    [
        ('"instance <instance> is in <state>"', '"instance i-0123456789 is in RUNNING"'),
        (
            r'{"instanceStatus": "instance \"<instance>\" is in <state>"}',
            r'{"instanceStatus": "instance \"i-0123456789\" is in RUNNING"}',
        ),
        (
            '{"instance" : <instance>, "state": [ 9, <state>, true ], "Transformed" : "Yes"}',
            '{"instance" : "i-0123456789", "state": [ 9, "RUNNING", true ], "Transformed" : "Yes"}',
        ),
        (
            '"<aws.events.rule-name> triggered by <resource>"',
            f'"example triggered by {EVENT["resources"][0]}"',
        ),
        (
            '{"ruleArn": <aws.events.rule-arn>}',
            '{"ruleArn": "arn:aws:events:us-east-2:123456789012:rule/example"}',
        ),
        ('"no <absent>thing at <timestamp>"', '"no thing at 2015-11-11T21:29:54Z"'),
    ],
)
def test_templates_are_filled_as_on_the_page(template, text):
    assert given(InputTransformer={"InputPathsMap": PATHS, "InputTemplate": template}) == text


@pytest.mark.conforms(
    "events:PutTargets",
    "eventbridge/latest/userguide/eb-transform-target-input.html",
    "The full original event payload as JSON.",
)
def test_the_original_event_may_be_a_value():
    text = given(InputTransformer={"InputTemplate": '{"originalEvent" : <aws.events.event.json>}'})
    assert json.loads(text) == {"originalEvent": EVENT}


@pytest.mark.conforms(
    "events:PutTargets",
    "eventbridge/latest/APIReference/API_PutTargets.html",
    "Input, InputPath, and InputTransformer are mutually exclusive and optional parameters of a target.",
    differs="of several the first wins, without an error",
)
def test_without_a_template_the_target_gets_all_a_part_or_a_constant():
    assert json.loads(given()) == EVENT
    assert json.loads(given(InputPath="$.detail")) == EVENT["detail"]
    assert given(InputPath="$.resources[0]") == json.dumps(EVENT["resources"][0])
    assert given(Input='{"a": 1}') == '{"a": 1}'
