"""Events that reach queues, topics and log groups."""

import json
import re

import pytest


class Bus:
    """The default bus of a server, and the queues that tests read."""

    def __init__(self, server, name):
        self.events, self.sqs, self.sns = (server.client(service) for service in ("events", "sqs", "sns"))
        self.name = name

    def queue(self, name="all"):
        url = self.sqs.create_queue(QueueName=f"{self.name}-{name}")["QueueUrl"]
        found = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return url, found["Attributes"]["QueueArn"]

    def rule(self, *targets, **pattern):
        self.events.put_rule(Name=self.name, EventPattern=json.dumps({"source": [self.name], **pattern}))
        numbered = [{"Id": str(number), **target} for number, target in enumerate(targets)]
        self.events.put_targets(Rule=self.name, Targets=numbered)

    def put(self, detail, kind="Order"):
        entry = {"Source": self.name, "DetailType": kind, "Detail": json.dumps(detail), "Resources": ["r"]}
        answer = self.events.put_events(Entries=[entry])
        assert answer["FailedEntryCount"] == 0
        return answer["Entries"][0]["EventId"]

    def read(self, url):
        found = self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        return [json.loads(message["Body"]) for message in found]


@pytest.fixture
def bus(storage, request):
    bus = Bus(storage, re.sub(r"\W+", "-", request.node.name))
    yield bus
    bus.events.remove_targets(Rule=bus.name, Ids=["0", "1"])
    bus.events.delete_rule(Name=bus.name)


@pytest.mark.conforms(
    "events:PutEvents",
    "eventbridge/latest/APIReference/API_PutEvents.html",
    "Sends custom events to Amazon EventBridge so that they can be matched to rules.",
)
def test_a_queue_gets_the_event(bus):
    url, arn = bus.queue()
    bus.rule({"Arn": arn})
    number = bus.put({"total": 3, "time": "noon"})
    (event,) = bus.read(url)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", event.pop("time"))
    assert event == {
        "version": "0",
        "id": number,
        "detail-type": "Order",
        "source": bus.name,
        "account": "123456789012",
        "region": "us-east-1",
        "resources": ["r"],
        "detail": {"total": 3, "time": "noon"},
    }


@pytest.mark.conforms(
    "events:PutTargets",
    "eventbridge/latest/APIReference/API_PutTargets.html",
    "Targets are the resources that are invoked when a rule is triggered.",
    differs="queues, topics, log groups, buses and functions are; Step Functions and the others are not",
)
def test_a_topic_gets_the_transformed_event(bus):
    topic = bus.sns.create_topic(Name=bus.name)["TopicArn"]
    url, arn = bus.queue()
    bus.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    transformer = {"InputPathsMap": {"total": "$.detail.total"}, "InputTemplate": '"In time: <total>"'}
    bus.rule({"Arn": topic, "InputTransformer": transformer})
    bus.put({"total": 3})
    (envelope,) = bus.read(url)
    assert envelope["Message"] == '"In time: 3"'


@pytest.mark.conforms(
    "events:DisableRule",
    "eventbridge/latest/APIReference/API_DisableRule.html",
    "A disabled rule won't match any events, and won't self-trigger if it has a schedule expression.",
)
def test_only_what_matches_is_delivered(bus):
    url, arn = bus.queue()
    bus.rule({"Arn": arn}, detail={"state": ["FAILED", "TIMEOUT"]})
    bus.put({"state": "SUCCEEDED"})
    bus.put({"state": "FAILED"})
    assert [event["detail"]["state"] for event in bus.read(url)] == ["FAILED"]
    bus.events.disable_rule(Name=bus.name)
    bus.put({"state": "FAILED"})
    assert bus.read(url) == []


def test_a_target_that_is_gone_hinders_no_other(bus):
    url, arn = bus.queue()
    gone, gone_arn = bus.queue("gone")
    bus.rule({"Arn": gone_arn}, {"Arn": arn})
    bus.sqs.delete_queue(QueueUrl=gone)
    bus.put({})
    assert len(bus.read(url)) == 1


def test_a_log_group_gets_the_event(bus, storage):
    logs = storage.client("logs")
    group = f"/aws/events/{bus.name}"
    logs.create_log_group(logGroupName=group)
    bus.rule({"Arn": f"arn:aws:logs:us-east-1:123456789012:log-group:{group}"})
    bus.put({"total": 3})
    (line,) = logs.filter_log_events(logGroupName=group)["events"]
    assert json.loads(line["message"])["detail"] == {"total": 3}
