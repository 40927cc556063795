"""Events that S3 delivers to a queue."""

import io
import json
import os

import pytest


@pytest.fixture
def events(storage, s3, bucket):
    """Reads the events of a bucket whose ObjectCreated events under raw/ go to a queue."""
    sqs = storage.client("sqs")
    url = sqs.create_queue(QueueName=bucket)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    queue = {
        "Id": "arrivals",
        "QueueArn": arn,
        "Events": ["s3:ObjectCreated:*"],
        "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "raw/"}]}},
    }
    s3.put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"QueueConfigurations": [queue]}
    )

    def read():
        messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        for message in messages:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"]) for message in messages]

    assert [body["Event"] for body in read()] == ["s3:TestEvent"]
    return read


def test_put_copy_and_upload_in_parts_each_send_one_record(s3, bucket, events):
    s3.put_object(Bucket=bucket, Key="raw/red flower=1.csv", Body=b"abc")
    s3.copy_object(Bucket=bucket, Key="raw/copy.csv", CopySource=f"{bucket}/raw/red flower=1.csv")
    s3.upload_fileobj(io.BytesIO(os.urandom(9_000_000)), bucket, "raw/big.csv")
    s3.put_object(Bucket=bucket, Key="other/x", Body=b"")
    records = [record for body in events() for record in body["Records"]]
    seen = [(record["eventName"], record["s3"]["object"]["key"]) for record in records]
    assert seen == [
        ("ObjectCreated:Put", "raw/red+flower%3D1.csv"),
        ("ObjectCreated:Copy", "raw/copy.csv"),
        ("ObjectCreated:CompleteMultipartUpload", "raw/big.csv"),
    ]


@pytest.mark.conforms(
    "s3:PutBucketNotificationConfiguration",
    "AmazonS3/latest/API/API_TopicConfiguration.html",
    "The Amazon Resource Name (ARN) of the Amazon SNS topic to which Amazon S3 publishes a message when it detects "
    "events of the specified type.",
    differs="the topic's policy is not asked",
)
def test_a_topic_passes_the_record_on(storage, s3, bucket):
    sns, sqs = storage.client("sns"), storage.client("sqs")
    topic, url = sns.create_topic(Name=bucket)["TopicArn"], sqs.create_queue(QueueName=bucket)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    removals = {"Id": "gone", "TopicArn": topic, "Events": ["s3:ObjectRemoved:*"]}
    s3.put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"TopicConfigurations": [removals]}
    )
    s3.put_object(Bucket=bucket, Key="k", Body=b"abc")
    s3.delete_object(Bucket=bucket, Key="k")
    received = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    test_event, told = (json.loads(json.loads(message["Body"])["Message"]) for message in received)
    assert test_event["Event"] == "s3:TestEvent"
    (record,) = told["Records"]
    assert (record["eventName"], record["s3"]["object"]["key"]) == ("ObjectRemoved:Delete", "k")


def test_record_has_the_documented_form(s3, bucket, events):
    s3.put_object(Bucket=bucket, Key="raw/a.csv", Body=b"abc")
    ((record,),) = (body["Records"] for body in events())
    assert set(record) == {
        *("eventVersion", "eventSource", "awsRegion", "eventTime", "eventName", "userIdentity"),
        *("requestParameters", "responseElements", "s3"),
    }
    assert record["eventSource"] == "aws:s3"
    assert record["s3"]["configurationId"] == "arrivals"
    assert record["s3"]["bucket"] == {
        "name": bucket,
        "ownerIdentity": {"principalId": "123456789012"},
        "arn": f"arn:aws:s3:::{bucket}",
    }
    # MD5 of abc, from RFC 1321
    assert record["s3"]["object"]["eTag"] == "900150983cd24fb0d6963f7d28e17f72"
    assert record["s3"]["object"]["size"] == 3
