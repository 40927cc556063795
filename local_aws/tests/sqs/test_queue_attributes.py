"""Attributes of a queue that are set one after another all stay."""

import json

import pytest

POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*"}],
}


@pytest.fixture
def queue(storage):
    sqs = storage.client("sqs")
    dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
    return sqs.create_queue(QueueName="arrivals")["QueueUrl"], arn_of(sqs, dead)


def arn_of(sqs, url):
    return sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


@pytest.mark.conforms(
    "sqs:SetQueueAttributes",
    "AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html",
    "Sets the value of one or more queue attributes, like a policy.",
)
def test_a_redrive_policy_leaves_the_access_policy(storage, queue):
    url, dead = queue
    sqs = storage.client("sqs")
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(POLICY)})
    redrive = json.dumps({"deadLetterTargetArn": dead, "maxReceiveCount": 5}, separators=(",", ":"))
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": redrive})
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert json.loads(found["Policy"]) == POLICY
    assert found["RedrivePolicy"] == redrive


def test_an_empty_policy_takes_the_policy_away(storage, queue):
    url, _ = queue
    sqs = storage.client("sqs")
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(POLICY)})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
    assert "Policy" not in sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
