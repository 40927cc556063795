"""Bucket policies decide who may do what, on real requests of real principals."""

import json

import botocore.exceptions
import pytest

ACCOUNT = "123456789012"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"


@pytest.fixture
def put_policy(s3, bucket):
    s3.put_object(Bucket=bucket, Key="data/k", Body=b"v")

    def put(*statements):
        full = [
            {
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
            }
            | statement
            for statement in statements
        ]
        s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": full}))

    return put


@pytest.fixture(scope="session")
def as_role(storage):
    def client(name, service="s3"):
        arn = f"arn:aws:iam::{ACCOUNT}:role/{name}"
        found = storage.client("sts").assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
        return storage.client(service, found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"])

    return client


def allowed(client, bucket, key="data/k"):
    try:
        client.get_object(Bucket=bucket, Key=key)
    except botocore.exceptions.ClientError as error:
        answer = error.response
    else:
        return True
    assert answer["Error"]["Code"] == "AccessDenied"
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 403
    return False


def test_https_only_lets_loopback_in(s3, bucket, put_policy):
    put_policy({"Effect": "Deny", "Condition": {"Bool": {"aws:SecureTransport": "false"}}})
    assert allowed(s3, bucket)
    put_policy({"Effect": "Deny", "Condition": {"BoolIfExists": {"aws:SecureTransport": "true"}}})
    assert not allowed(s3, bucket)


@pytest.mark.parametrize("operator", ["StringNotLike", "ArnNotLike", "StringNotEquals", "ArnNotEquals"])
def test_only_named_roles_and_the_owner(s3, bucket, put_policy, as_role, operator):
    named = [f"arn:aws:iam::{ACCOUNT}:role/lake", ROOT]
    put_policy({"Effect": "Deny", "Condition": {operator: {"aws:PrincipalArn": named}}})
    assert allowed(s3, bucket)
    assert allowed(as_role("lake"), bucket)
    assert not allowed(as_role("stranger"), bucket)


def test_patterns_of_principals(bucket, put_policy, as_role):
    condition = {"StringLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/lake-*"}}
    put_policy({"Effect": "Deny", "Action": "s3:GetObject", "Condition": condition})
    assert not allowed(as_role("lake-reader"), bucket)
    assert allowed(as_role("lakereader"), bucket)


def test_statement_concerns_its_action_and_resource_only(s3, bucket, put_policy, as_role):
    put_policy(
        {"Effect": "Deny", "Action": "s3:DeleteObject*", "Resource": f"arn:aws:s3:::{bucket}/data/*"},
        {
            "Effect": "Deny",
            "Action": "s3:PutObject",
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/reader"},
        },
    )
    with pytest.raises(botocore.exceptions.ClientError, match="AccessDenied"):
        s3.delete_object(Bucket=bucket, Key="data/k")
    batch = {"Objects": [{"Key": "data/k"}, {"Key": "free"}]}
    answer = s3.delete_objects(Bucket=bucket, Delete=batch)
    assert [item["Key"] for item in answer["Errors"]] == ["data/k"]
    assert [item["Key"] for item in answer["Deleted"]] == ["free"]
    s3.put_object(Bucket=bucket, Key="new", Body=b"")
    with pytest.raises(botocore.exceptions.ClientError, match="s3:PutObject on resource"):
        as_role("reader").put_object(Bucket=bucket, Key="new", Body=b"")


def test_deny_wins_over_allow(bucket, put_policy, as_role):
    put_policy(
        {"Effect": "Allow"},
        {"Effect": "Deny", "Condition": {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}},
    )
    assert not allowed(as_role("any"), bucket)


@pytest.mark.conforms(
    "s3:PutBucketPolicy",
    "AmazonS3/latest/API/API_PutBucketPolicy.html",
    "To ensure that bucket owners don't inadvertently lock themselves out of their own "
    "buckets, the root principal in a bucket owner's Amazon Web Services account can perform "
    "the GetBucketPolicy, PutBucketPolicy, and DeleteBucketPolicy API actions, even if their "
    "bucket policy explicitly denies the root principal's access.",
)
def test_owner_can_undo_a_policy_that_locks_everybody_out(s3, bucket, put_policy, as_role):
    put_policy({"Effect": "Deny"})
    assert not allowed(s3, bucket)
    with pytest.raises(botocore.exceptions.ClientError, match="AccessDenied"):
        as_role("lake").delete_bucket_policy(Bucket=bucket)
    s3.delete_bucket_policy(Bucket=bucket)
    assert allowed(s3, bucket)


def test_copy_needs_the_right_to_read_its_source(s3, bucket, put_policy):
    put_policy({"Effect": "Deny", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/data/*"})
    with pytest.raises(botocore.exceptions.ClientError, match="s3:GetObject"):
        s3.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/data/k")


def test_user_is_known_by_its_arn(storage, s3, bucket, put_policy):
    iam = storage.client("iam")
    user = iam.create_user(UserName="ann")["User"]["Arn"]
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    ann = storage.client("s3", key["AccessKeyId"], key["SecretAccessKey"])
    put_policy({"Effect": "Deny", "Principal": {"AWS": user}})
    assert not allowed(ann, bucket)
    assert allowed(s3, bucket)


@pytest.mark.parametrize(
    "statement",
    [
        {"Effect": "Deny", "Condition": {"StringLikes": {"aws:PrincipalArn": "x"}}},
        {"Effect": "Maybe"},
        {"Effect": "Deny", "Actions": "s3:*"},
    ],
)
def test_malformed_policy_is_refused(put_policy, statement):
    with pytest.raises(botocore.exceptions.ClientError, match="MalformedPolicy"):
        put_policy(statement)


def test_unknown_keys_are_the_root(storage, as_role):
    assert storage.client("sts").get_caller_identity()["Arn"] == ROOT
    arn = as_role("lake", "sts").get_caller_identity()["Arn"]
    assert arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/lake/test"


def test_a_policy_lets_the_service_deliver_access_logs(storage, s3, bucket, put_policy):
    target = {"LoggingEnabled": {"TargetBucket": bucket, "TargetPrefix": "of-it/"}}
    https_only = {"Effect": "Deny", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    put_policy(https_only)
    with pytest.raises(botocore.exceptions.ClientError, match="permissions to the logging service"):
        s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus=target)
    delivery = {
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{bucket}/of-it/*",
    }
    put_policy(https_only, delivery)
    s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus=target)
    assert s3.get_bucket_logging(Bucket=bucket)["LoggingEnabled"]["TargetPrefix"] == "of-it/"
