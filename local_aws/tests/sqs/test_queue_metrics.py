"""What queues report to CloudWatch, and that alarms on it fire."""

import time
from datetime import UTC, datetime, timedelta

import pytest

WAIT_SECONDS = 40
VISIBLE, IN_FLIGHT = "ApproximateNumberOfMessagesVisible", "ApproximateNumberOfMessagesNotVisible"
AGE = "ApproximateAgeOfOldestMessage"


@pytest.fixture(scope="module")
def sampled(tmp_path_factory, storage):
    """A server that samples its queues five times a second."""
    settings = {"glue_warm": "false", "alarm_seconds": 0.2, "queue_metric_seconds": 0.2}
    server = type(storage)(tmp_path_factory.mktemp("sampled"), **settings).start()
    yield server
    server.stop()


@pytest.fixture
def sqs(sampled):
    return sampled.client("sqs")


@pytest.fixture
def cloudwatch(sampled):
    return sampled.client("cloudwatch")


def summary(cloudwatch, queue, metric):
    """All that a queue reported of a metric, as one datapoint; None if nothing."""
    now = datetime.now(UTC)
    points = cloudwatch.get_metric_statistics(
        Namespace="AWS/SQS",
        MetricName=metric,
        Dimensions=[{"Name": "QueueName", "Value": queue}],
        StartTime=now - timedelta(hours=1),
        EndTime=now + timedelta(minutes=1),
        Period=7200,
        Statistics=["SampleCount", "Minimum", "Maximum"],
    )["Datapoints"]
    return points[0] if points else None


def wait_for(cloudwatch, queue, metric, **reached):
    """Until the named statistics of a metric are as great as they are told to be."""
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        found = summary(cloudwatch, queue, metric)
        if found and all(found[name] >= value for name, value in reached.items()):
            return found
        assert time.monotonic() < deadline, found
        time.sleep(0.05)


@pytest.mark.conforms(
    "sqs:SendMessage",
    "AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html",
    "Amazon SQS automatically publishes operational metrics to Amazon CloudWatch under the AWS/SQS namespace.",
    differs="of the metrics there are three, and every queue counts as active all the time",
)
def test_a_queue_reports_its_messages(sqs, cloudwatch):
    url = sqs.create_queue(QueueName="busy")["QueueUrl"]
    for body in "abc":
        sqs.send_message(QueueUrl=url, MessageBody=body)
    visible = wait_for(cloudwatch, "busy", VISIBLE, Maximum=3)
    assert (visible["Maximum"], visible["Unit"]) == (3, "Count")
    assert summary(cloudwatch, "busy", IN_FLIGHT) is None
    sqs.receive_message(QueueUrl=url, VisibilityTimeout=600)
    in_flight = wait_for(cloudwatch, "busy", IN_FLIGHT, SampleCount=2)
    assert (in_flight["Minimum"], in_flight["Maximum"], in_flight["Unit"]) == (1, 1, "Count")
    age = wait_for(cloudwatch, "busy", AGE, Maximum=1)
    assert (age["Minimum"], age["Unit"]) == (0, "Seconds")
    told = cloudwatch.list_metrics(Namespace="AWS/SQS", Dimensions=[{"Name": "QueueName", "Value": "busy"}])
    assert {metric["MetricName"] for metric in told["Metrics"]} == {VISIBLE, IN_FLIGHT, AGE}
    assert {len(metric["Dimensions"]) for metric in told["Metrics"]} == {1}


@pytest.mark.conforms(
    "sqs:SendMessage",
    "AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html",
    "Reported if the queue contains at least one active message.",
)
def test_an_empty_queue_reports_that_it_is_empty_and_no_age(sqs, cloudwatch):
    sqs.create_queue(QueueName="empty")
    assert wait_for(cloudwatch, "empty", VISIBLE, SampleCount=3)["Maximum"] == 0
    assert summary(cloudwatch, "empty", AGE) is None


@pytest.mark.conforms(
    "sqs:ReceiveMessage",
    "AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html",
    "When a message is moved to a DLQ after exceeding the maxReceiveCount, the age resets.",
)
def test_a_message_is_young_in_the_dead_letter_queue(sqs, cloudwatch):
    dead = sqs.create_queue(QueueName="dead-young")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    redrive = f'{{"deadLetterTargetArn":"{arn}","maxReceiveCount":1}}'
    url = sqs.create_queue(QueueName="failing", Attributes={"RedrivePolicy": redrive})["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="m")
    wait_for(cloudwatch, "failing", AGE, Maximum=3)
    sqs.receive_message(QueueUrl=url, VisibilityTimeout=0)
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    assert wait_for(cloudwatch, "dead-young", AGE, SampleCount=1)["Minimum"] < 3


@pytest.mark.conforms(
    "sqs:ReceiveMessage",
    "AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html",
    "Poison-pill messages (those repeatedly received but never deleted) are excluded from this metric until "
    "successfully processed.",
)
def test_a_message_received_three_times_has_no_age(sqs, cloudwatch):
    urls = {name: sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("poisoned", "twice")}
    for (name, url), times in zip(urls.items(), (3, 2), strict=True):
        sqs.send_message(QueueUrl=url, MessageBody=name)
        for _ in range(times):
            assert sqs.receive_message(QueueUrl=url, VisibilityTimeout=0)["Messages"]
    wait_for(cloudwatch, "twice", AGE, Maximum=2)
    poisoned = summary(cloudwatch, "poisoned", AGE)
    assert poisoned is None or poisoned["Maximum"] < 2


def test_an_alarm_on_a_queue_sees_its_messages(sqs, cloudwatch):
    """As infra/terraform/modules/monitoring/alarms.tf has it, with a shorter period."""
    url = sqs.create_queue(QueueName="dead")["QueueUrl"]
    cloudwatch.put_metric_alarm(
        AlarmName="dead-not-empty",
        Namespace="AWS/SQS",
        MetricName=VISIBLE,
        Dimensions=[{"Name": "QueueName", "Value": "dead"}],
        Statistic="Maximum",
        Period=10,
        EvaluationPeriods=1,
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="notBreaching",
    )
    wait_for_state(cloudwatch, "dead-not-empty", "OK")
    sqs.send_message(QueueUrl=url, MessageBody="lost")
    wait_for_state(cloudwatch, "dead-not-empty", "ALARM")


def wait_for_state(cloudwatch, name, state):
    deadline = time.monotonic() + WAIT_SECONDS
    while (found := cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"][0])["StateValue"] != state:
        assert time.monotonic() < deadline, found
        time.sleep(0.05)
