"""What S3 tells EventBridge of objects, as on https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html."""

import io
import json
import os
import re
import uuid
from datetime import UTC, datetime, timedelta

import httpx
import pytest

ACCOUNT = "123456789012"
# MD5 of abc and of nothing, from RFC 1321
MD5_OF_ABC, MD5_OF_NOTHING = "900150983cd24fb0d6963f7d28e17f72", "d41d8cd98f00b204e9800998ecf8427e"


@pytest.fixture
def told(storage, s3, bucket):
    """Reads the events of a bucket that have come since the last look."""
    events, sqs = storage.client("events"), storage.client("sqs")
    s3.put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"EventBridgeConfiguration": {}}
    )
    url = sqs.create_queue(QueueName=bucket)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    pattern = {
        "source": ["aws.s3"],
        "detail": {"bucket": {"name": [bucket]}, "object": {"key": [{"prefix": ""}]}},
    }
    events.put_rule(Name=bucket, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=bucket, Targets=[{"Id": "0", "Arn": arn}])

    def read():
        messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        for message in messages:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"]) for message in messages]

    yield read
    events.remove_targets(Rule=bucket, Ids=["0"])
    events.delete_rule(Name=bucket)


@pytest.mark.conforms(
    "s3:PutBucketNotificationConfiguration",
    "AmazonS3/latest/userguide/EventBridge.html",
    "Amazon S3 can send events to Amazon EventBridge whenever certain events happen in your bucket.",
)
def test_an_object_that_came_is_told_as_on_the_page(s3, bucket, told):
    s3.put_object(Bucket=bucket, Key="raw/a b.csv", Body=b"abc", Tagging="shop=mine")
    (event,) = told()
    assert uuid.UUID(event.pop("id"))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", event.pop("time"))
    assert re.fullmatch(r"[0-9A-F]{16}", event["detail"].pop("request-id"))
    assert re.fullmatch(r"[0-9A-F]+", event["detail"]["object"].pop("sequencer"))
    assert event == {
        "version": "0",
        "detail-type": "Object Created",
        "source": "aws.s3",
        "account": ACCOUNT,
        "region": "us-east-1",
        "resources": [f"arn:aws:s3:::{bucket}"],
        "detail": {
            "version": "0",
            "bucket": {"name": bucket},
            "object": {"key": "raw/a b.csv", "size": 3, "etag": MD5_OF_ABC},
            "requester": ACCOUNT,
            "source-ip-address": "127.0.0.1",
            "reason": "PutObject",
        },
    }


@pytest.mark.conforms(
    "s3:PutBucketNotificationConfiguration",
    "AmazonS3/latest/userguide/ev-events.html",
    "For Object Created events, the S3 API used to create the object: PutObject, POST Object, CopyObject, or "
    "CompleteMultipartUpload.",
)
def test_each_way_to_create_is_one_event_with_its_reason(s3, bucket, told):
    s3.put_object(Bucket=bucket, Key="a", Body=b"abc")
    s3.copy_object(Bucket=bucket, Key="b", CopySource=f"{bucket}/a")
    s3.upload_fileobj(io.BytesIO(os.urandom(9_000_000)), bucket, "c")
    events = told()
    assert [(event["detail"]["object"]["key"], event["detail"]["reason"]) for event in events] == [
        ("a", "PutObject"),
        ("b", "CopyObject"),
        ("c", "CompleteMultipartUpload"),
    ]
    assert len({event["id"] for event in events}) == 3
    sequence = [event["detail"]["object"]["sequencer"] for event in events]
    assert sequence == sorted(set(sequence))


def test_versions_markers_and_tags_are_told(s3, bucket, told):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    version = s3.put_object(Bucket=bucket, Key="k", Body=b"abc")["VersionId"]
    s3.put_object_tagging(Bucket=bucket, Key="k", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    marker = s3.delete_object(Bucket=bucket, Key="k")["VersionId"]
    s3.delete_object(Bucket=bucket, Key="k", VersionId=version)
    events = told()
    assert [
        (
            event["detail-type"],
            event["detail"]["object"]["version-id"],
            event["detail"]["object"]["etag"],
            event["detail"].get("reason"),
            event["detail"].get("deletion-type"),
        )
        for event in events
    ] == [
        ("Object Created", version, MD5_OF_ABC, "PutObject", None),
        ("Object Tags Added", version, MD5_OF_ABC, None, None),
        ("Object Deleted", marker, MD5_OF_NOTHING, "DeleteObject", "Delete Marker Created"),
        ("Object Deleted", version, MD5_OF_ABC, "DeleteObject", "Permanently Deleted"),
    ]


def test_the_lifecycle_is_no_caller(storage, s3, bucket, told):
    s3.put_object(Bucket=bucket, Key="old", Body=b"abc")
    rule = {"ID": "r", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [rule]})
    later = datetime.now(UTC) + timedelta(days=3)
    httpx.post(f"{storage.endpoint}/_local_aws/lifecycle", json={"now": later.isoformat()}, timeout=30)
    _, expired = told()
    assert (expired["detail-type"], expired["detail"]["reason"]) == ("Object Deleted", "Lifecycle Expiration")
    assert expired["detail"]["requester"] == "s3.amazonaws.com"
    assert "source-ip-address" not in expired["detail"]


def test_nothing_is_told_of_an_object_that_was_not_there(s3, bucket, told):
    s3.delete_object(Bucket=bucket, Key="none")
    assert told() == []
