"""Objects are copied to the buckets of replication rules, in another region."""

import json
import time
from functools import partial

import botocore.exceptions
import pytest

from local_aws.faults.client import FaultClient
from local_aws.tests.s3.replication import ROLE, replica_of
from local_aws.tests.s3.replication import replicate as set_rule


def eventually(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.05)
    return found


@pytest.fixture
def replica(s3, bucket):
    return replica_of(s3, bucket)


@pytest.fixture
def replicate(s3, bucket, replica):
    return partial(set_rule, s3, bucket, replica)


def body(s3, bucket, key):
    try:
        return s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    except s3.exceptions.NoSuchKey:
        return None


def status(s3, bucket, key):
    return s3.head_object(Bucket=bucket, Key=key).get("ReplicationStatus")


@pytest.mark.conforms(
    "s3:PutBucketReplication",
    "AmazonS3/latest/userguide/replication.html",
    "You can use replication to make copies of your objects that retain all metadata, such as the original object "
    "creation times and version IDs.",
)
def test_a_copy_is_the_same_version(s3, bucket, replica, replicate):
    replicate()
    put = s3.put_object(
        Bucket=bucket, Key="a/k", Body=b"v", Metadata={"of": "me"}, Tagging="t=1", ContentType="text/x"
    )
    eventually(lambda: status(s3, bucket, "a/k") == "COMPLETED")
    source, copy = (s3.head_object(Bucket=one, Key="a/k") for one in (bucket, replica))
    assert copy["ReplicationStatus"] == "REPLICA"
    assert body(s3, replica, "a/k") == b"v"
    assert copy["VersionId"] == put["VersionId"]
    for same in ("LastModified", "ETag", "Metadata", "ContentType"):
        assert copy[same] == source[same]
    assert s3.get_object_tagging(Bucket=replica, Key="a/k")["TagSet"] == [{"Key": "t", "Value": "1"}]


@pytest.mark.conforms(
    "s3:PutBucketReplication",
    "AmazonS3/latest/userguide/replication-what-is-isnot-replicated.html",
    "Objects created after you add a replication configuration.",
)
@pytest.mark.conforms(
    "s3:PutBucketReplication",
    "AmazonS3/latest/userguide/replication-what-is-isnot-replicated.html",
    "If you specify an object version ID to delete in a DELETE request, Amazon S3 deletes that object version in the "
    "source bucket. But it doesn't replicate the deletion in the destination buckets.",
)
def test_what_is_not_replicated(s3, bucket, replica, replicate):
    s3.put_object(Bucket=bucket, Key="before", Body=b"v")
    replicate(Filter={"Prefix": "in/"})
    s3.put_object(Bucket=bucket, Key="out/k", Body=b"v")
    kept = s3.put_object(Bucket=bucket, Key="in/k", Body=b"v")
    eventually(lambda: body(s3, replica, "in/k"))
    s3.delete_object(Bucket=bucket, Key="in/k", VersionId=kept["VersionId"])
    s3.put_object(Bucket=bucket, Key="in/last", Body=b"v")
    eventually(lambda: body(s3, replica, "in/last"))
    assert [body(s3, replica, key) for key in ("before", "out/k", "in/k")] == [None, None, b"v"]
    assert status(s3, bucket, "out/k") is None


def test_a_deleted_object_is_deleted_there_if_the_rule_says_so(s3, bucket, replica, replicate):
    replicate()
    s3.put_object(Bucket=bucket, Key="k", Body=b"v")
    eventually(lambda: body(s3, replica, "k"))
    marker = s3.delete_object(Bucket=bucket, Key="k")["VersionId"]
    eventually(lambda: body(s3, replica, "k") is None)
    (copy,) = s3.list_object_versions(Bucket=replica, Prefix="k")["DeleteMarkers"]
    assert copy["VersionId"] == marker
    replicate(DeleteMarkerReplication={"Status": "Disabled"})
    for key in ("l", "m"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"v")
        eventually(lambda key=key: body(s3, replica, key))
        s3.delete_object(Bucket=bucket, Key=key)
    assert body(s3, replica, "l") == b"v"


def test_tags_choose(s3, bucket, replica, replicate):
    replicate(
        Filter={"And": {"Prefix": "in/", "Tags": [{"Key": "keep", "Value": "twice"}]}},
        DeleteMarkerReplication={"Status": "Disabled"},
    )
    s3.put_object(Bucket=bucket, Key="in/no", Body=b"v", Tagging="keep=once")
    s3.put_object(Bucket=bucket, Key="in/yes", Body=b"v", Tagging="keep=twice")
    eventually(lambda: body(s3, replica, "in/yes"))
    assert eventually(lambda: status(s3, bucket, "in/no") is None)
    assert body(s3, replica, "in/no") is None


def test_the_configuration_is_answered_as_it_was_given(s3, bucket, replicate):
    rule = replicate(
        Filter={"And": {"Prefix": "in/", "Tags": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]}},
        DeleteMarkerReplication={"Status": "Disabled"},
    )
    found = s3.get_bucket_replication(Bucket=bucket)["ReplicationConfiguration"]
    assert found == {"Role": ROLE, "Rules": [rule]}


@pytest.mark.conforms(
    "s3:PutBucketReplication",
    "AmazonS3/latest/userguide/replication-requirements.html",
    "Both source and destination buckets must have versioning enabled.",
)
def test_both_buckets_keep_versions(s3, bucket, replica, replicate):
    s3.put_bucket_versioning(Bucket=replica, VersioningConfiguration={"Status": "Suspended"})
    with pytest.raises(
        botocore.exceptions.ClientError, match="Destination bucket must have versioning enabled"
    ):
        replicate()
    with pytest.raises(botocore.exceptions.ClientError, match="ReplicationConfigurationNotFound"):
        s3.get_bucket_replication(Bucket=bucket)


def test_a_copy_goes_no_further(s3, bucket, replica, replicate):
    replicate()
    back = {"ID": "back", "Status": "Enabled", "Priority": 1, "Filter": {"Prefix": ""}}
    back |= {
        "DeleteMarkerReplication": {"Status": "Enabled"},
        "Destination": {"Bucket": f"arn:aws:s3:::{bucket}"},
    }
    s3.put_bucket_replication(Bucket=replica, ReplicationConfiguration={"Role": ROLE, "Rules": [back]})
    s3.put_object(Bucket=bucket, Key="here", Body=b"v")
    s3.put_object(Bucket=replica, Key="there", Body=b"v")
    eventually(lambda: body(s3, replica, "here") and body(s3, bucket, "there"))
    for one in (bucket, replica):
        versions = s3.list_object_versions(Bucket=one)["Versions"]
        assert sorted(version["Key"] for version in versions) == ["here", "there"]


def test_a_destination_may_refuse(s3, bucket, replica, replicate):
    replicate()
    refusal = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": ["s3:ReplicateObject", "s3:ReplicateDelete"],
        "Resource": f"arn:aws:s3:::{replica}/*",
    }
    s3.put_bucket_policy(Bucket=replica, Policy=json.dumps({"Version": "2012-10-17", "Statement": [refusal]}))
    s3.put_object(Bucket=bucket, Key="k", Body=b"v")
    eventually(lambda: status(s3, bucket, "k") == "FAILED")
    assert body(s3, replica, "k") is None


def test_a_policy_that_names_the_role_lets_copies_in(s3, bucket, replica, replicate):
    replicate()
    named = {"StringNotLike": {"aws:PrincipalArn": [ROLE, "arn:aws:iam::123456789012:root"]}}
    statements = [
        {"Condition": {"Bool": {"aws:SecureTransport": "false"}}},
        {"Condition": named},
    ]
    common = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": f"arn:aws:s3:::{replica}/*"}
    policy = {"Version": "2012-10-17", "Statement": [common | statement for statement in statements]}
    s3.put_bucket_policy(Bucket=replica, Policy=json.dumps(policy))
    s3.put_object(Bucket=bucket, Key="k", Body=b"v")
    eventually(lambda: body(s3, replica, "k") == b"v")
    named["StringNotLike"]["aws:PrincipalArn"].remove(ROLE)
    s3.put_bucket_policy(Bucket=replica, Policy=json.dumps(policy))
    s3.put_object(Bucket=bucket, Key="l", Body=b"v")
    eventually(lambda: status(s3, bucket, "l") == "FAILED")


def test_rules_of_the_fault_plane_hold_copies_up(storage, s3, bucket, replica, replicate):
    replicate()
    faults = FaultClient(storage.endpoint)
    held = {"service": "s3", "operation": "ReplicateObject", "resource": f"{bucket}/slow*"}
    faults.replace([held | {"fault": "internal_error", "rate": 1}])
    try:
        s3.put_object(Bucket=bucket, Key="slow", Body=b"v")
        s3.put_object(Bucket=bucket, Key="quick", Body=b"v")
        eventually(lambda: body(s3, replica, "quick"))
        assert status(s3, bucket, "slow") == "PENDING"
        assert body(s3, replica, "slow") is None
    finally:
        faults.clear()
    eventually(lambda: body(s3, replica, "slow") == b"v")


def test_a_version_that_arrives_late_is_not_the_newest(storage, s3, bucket, replica, replicate):
    replicate()
    faults = FaultClient(storage.endpoint)
    first = {
        "service": "s3",
        "operation": "ReplicateObject",
        "resource": f"{bucket}/k",
        "fault": "internal_error",
    }
    faults.replace([first | {"nth": 1}])
    try:
        older = s3.put_object(Bucket=bucket, Key="k", Body=b"older")["VersionId"]
        newer = s3.put_object(Bucket=bucket, Key="k", Body=b"newer")["VersionId"]
        eventually(
            lambda: len(s3.list_object_versions(Bucket=replica).get("Versions", ())) == len((older, newer))
        )
    finally:
        faults.clear()
    assert body(s3, replica, "k") == b"newer"
    listed = s3.list_object_versions(Bucket=replica)["Versions"]
    assert [version["VersionId"] for version in listed if version["IsLatest"]] == [newer]


def test_a_restart_forgets_no_copy_and_a_lost_region_gets_none(lone_server):
    s3 = lone_server.client("s3")
    s3.create_bucket(Bucket="here")
    there = replica_of(s3, "here")
    set_rule(s3, "here", there)
    lone_server.stop()

    lone_server.settings["LOST_REGIONS"] = json.dumps(["us-west-2"])
    lone_server.start()
    s3.put_object(Bucket="here", Key="k", Body=b"v")
    with pytest.raises((botocore.exceptions.ConnectionClosedError, botocore.exceptions.HTTPClientError)):
        s3.get_object(Bucket=there, Key="k")
    assert status(s3, "here", "k") == "PENDING"
    lone_server.stop()

    lone_server.settings["LOST_REGIONS"] = "[]"
    lone_server.start()
    eventually(lambda: body(s3, there, "k") == b"v")
