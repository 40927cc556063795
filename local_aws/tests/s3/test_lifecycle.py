"""Lifecycle rules are carried out on request, as of a moment that the request names."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from local_aws.s3.lifecycle import expires_at


def tick(server, days):
    """Carry out the rules as if it were some days later; returns the keys that went."""
    now = datetime.now(UTC) + timedelta(days=days)
    answer = httpx.post(f"{server.endpoint}/_local_aws/lifecycle", json={"now": now.isoformat()}, timeout=30)
    assert answer.status_code == 200
    return sorted(removal["key"] for removal in answer.json()["removed"])


def rule(s3, bucket, **parts):
    whole = {"ID": "r", "Status": "Enabled", "Filter": {"Prefix": ""}} | parts
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [whole]})


def keys(s3, bucket):
    return [item["Key"] for item in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]


@pytest.mark.conforms(
    "s3:PutBucketLifecycleConfiguration",
    "AmazonS3/latest/API/API_LifecycleExpiration.html",
    "Indicates the lifetime, in days, of the objects that are subject to the rule.",
    differs="rules are carried out when POST /_local_aws/lifecycle asks for it, as of the moment that it names",
)
def test_objects_of_a_prefix_expire(storage, s3, bucket):
    for key in ("tmp/a", "tmp/b", "kept/c"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    rule(s3, bucket, Filter={"Prefix": "tmp/"}, Expiration={"Days": 7})
    assert tick(storage, 6) == []
    assert tick(storage, 9) == ["tmp/a", "tmp/b"]
    assert keys(s3, bucket) == ["kept/c"]


def test_only_tagged_objects_expire(storage, s3, bucket):
    s3.put_object(Bucket=bucket, Key="a", Body=b"x", Tagging="keep=no")
    s3.put_object(Bucket=bucket, Key="b", Body=b"x")
    both = {"And": {"Prefix": "", "Tags": [{"Key": "keep", "Value": "no"}]}}
    rule(s3, bucket, Filter=both, Expiration={"Days": 1})
    assert tick(storage, 3) == ["a"]


@pytest.mark.conforms(
    "s3:PutBucketLifecycleConfiguration",
    "AmazonS3/latest/API/API_NoncurrentVersionExpiration.html",
    "Specifies the number of days an object is noncurrent before Amazon S3 can perform the associated action.",
    differs="rules are carried out when POST /_local_aws/lifecycle asks for it; NewerNoncurrentVersions is not known",
)
@pytest.mark.conforms(
    "s3:PutBucketLifecycleConfiguration",
    "AmazonS3/latest/API/API_LifecycleExpiration.html",
    "Indicates whether Amazon S3 will remove a delete marker with no noncurrent versions.",
)
def test_versions_expire_and_then_their_lone_marker(storage, s3, bucket):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    for body in (b"1", b"2"):
        s3.put_object(Bucket=bucket, Key="k", Body=body)
    s3.delete_object(Bucket=bucket, Key="k")
    rule(
        s3,
        bucket,
        Expiration={"ExpiredObjectDeleteMarker": True},
        NoncurrentVersionExpiration={"NoncurrentDays": 3},
    )
    assert tick(storage, 1) == []
    assert tick(storage, 5) == ["k", "k"]
    assert tick(storage, 5) == ["k"]
    listed = s3.list_object_versions(Bucket=bucket)
    assert "Versions" not in listed
    assert "DeleteMarkers" not in listed


def test_an_object_with_versions_gets_a_marker(storage, s3, bucket):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    rule(s3, bucket, Expiration={"Days": 1})
    assert tick(storage, 3) == ["k"]
    listed = s3.list_object_versions(Bucket=bucket)
    assert (len(listed["Versions"]), len(listed["DeleteMarkers"])) == (1, 1)


def test_unfinished_uploads_are_aborted(storage, s3, bucket):
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    s3.upload_part(Bucket=bucket, Key="k", UploadId=upload, PartNumber=1, Body=b"x")
    rule(s3, bucket, AbortIncompleteMultipartUpload={"DaysAfterInitiation": 2})
    assert tick(storage, 1) == []
    assert tick(storage, 4) == ["k"]
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)


def test_a_disabled_rule_does_nothing(storage, s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    rule(s3, bucket, Status="Disabled", Expiration={"Days": 1})
    assert tick(storage, 30) == []


def test_a_moment_that_is_none_is_refused(storage):
    answer = httpx.post(f"{storage.endpoint}/_local_aws/lifecycle", json={"now": "soon"}, timeout=30)
    assert answer.status_code == 400


@pytest.mark.conforms(
    "s3:PutBucketLifecycleConfiguration",
    "AmazonS3/latest/userguide/intro-lifecycle-rules.html",
    "Amazon S3 calculates the time by adding the number of days specified in the rule to the object creation time and "
    "rounding the resulting time to the next day midnight UTC.",
)
def test_days_end_at_midnight():
    # The example of the page: an object of 1/15/2014 10:30 AM UTC and 3 days expire on 1/19/2014 00:00 UTC.
    assert expires_at(datetime(2014, 1, 15, 10, 30, tzinfo=UTC), 3) == datetime(2014, 1, 19, tzinfo=UTC)
