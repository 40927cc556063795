import json
from typing import TYPE_CHECKING, Any

import pytest

from lakehouse.storage.bucket.caller import Caller
from lakehouse.storage.bucket.failure import BucketError
from lakehouse.storage.bucket.security import secure
from tests.lakehouse.storage.bucket.policy_evaluation import CALLER, conditions_evaluated

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MOTO = Caller("123456789012", CALLER)
ROLES = ["lakehouse-glue"]


@pytest.fixture
def secured(s3: "S3Client", bucket: str) -> str:
    changes = secure(s3, bucket, MOTO, ROLES)
    assert [change.outcome for change in changes if change.outcome == "unchanged"] == []
    return bucket


def rules(s3: "S3Client", bucket: str) -> dict[str, Any]:
    found = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    return {rule["Filter"]["Prefix"]: rule for rule in found}


def test_twice_changes_nothing(s3: "S3Client", secured: str) -> None:
    assert {change.outcome for change in secure(s3, secured, MOTO, ROLES)} == {"unchanged"}


def test_public_access_is_blocked_and_the_owner_enforced(s3: "S3Client", secured: str) -> None:
    block = s3.get_public_access_block(Bucket=secured)["PublicAccessBlockConfiguration"]
    owner = s3.get_bucket_ownership_controls(Bucket=secured)["OwnershipControls"]["Rules"]
    assert set(block.values()) == {True}
    assert len(block) == 4
    assert owner == [{"ObjectOwnership": "BucketOwnerEnforced"}]


def test_objects_are_encrypted_and_versioned(s3: "S3Client", secured: str) -> None:
    encryption = s3.get_bucket_encryption(Bucket=secured)["ServerSideEncryptionConfiguration"]["Rules"]
    assert encryption[0]["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    assert s3.get_bucket_versioning(Bucket=secured)["Status"] == "Enabled"


def test_the_archive_cools_and_expires(s3: "S3Client", secured: str) -> None:
    rule = rules(s3, secured)["raw/archive/"]
    steps = [(step["Days"], step["StorageClass"]) for step in rule["Transitions"]]
    assert steps == [(30, "STANDARD_IA"), (90, "GLACIER")]
    assert rule["Expiration"]["Days"] == 365


@pytest.mark.parametrize(
    ("prefix", "days"),
    [
        ("temp/", 7),
        ("athena_queries/", 7),
        *((f"{layer}/failed/", 30) for layer in ("raw", "bronze", "silver", "gold")),
        *((f"{layer}/processing/", 7) for layer in ("raw", "bronze", "silver", "gold")),
    ],
)
def test_short_lived_prefixes_expire(s3: "S3Client", secured: str, prefix: str, days: int) -> None:
    rule = rules(s3, secured)[prefix]
    assert (rule["Status"], rule["Expiration"]["Days"]) == ("Enabled", days)


def test_old_versions_and_broken_uploads_go_everywhere(s3: "S3Client", secured: str) -> None:
    rule = rules(s3, secured)[""]
    assert rule["NoncurrentVersionExpiration"]["NoncurrentDays"] == 30
    assert rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"] == 7
    assert "Days" not in rule["Expiration"]


def test_no_rule_expires_a_table(s3: "S3Client", secured: str) -> None:
    kept = ("silver/orders/", "raw/orders/", "metadata/", "rejected/orders/", "scripts/")
    expiring = [prefix for prefix, rule in rules(s3, secured).items() if rule["Expiration"].get("Days")]
    assert len(expiring) == 11
    assert not [(key, prefix) for key in kept for prefix in expiring if key.startswith(prefix)]


def test_rules_and_statements_of_others_stay(s3: "S3Client", bucket: str) -> None:
    other: Any = {
        "ID": "audit",
        "Status": "Enabled",
        "Filter": {"Prefix": "audit/"},
        "Expiration": {"Days": 9},
    }
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [other]})
    deny: Any = {
        "Sid": "Theirs",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": "arn:aws:s3:::lake/*",
        "Condition": {"Bool": {"aws:SecureTransport": "never"}},
    }
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [deny]}))

    outcomes = {change.part: change.outcome for change in secure(s3, bucket, MOTO, ROLES)}

    assert outcomes["lifecycle"] == "changed"
    assert rules(s3, bucket)["audit/"]["Expiration"]["Days"] == 9
    assert "temp/" in rules(s3, bucket)
    assert len(json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"]) == 3
    assert {change.outcome for change in secure(s3, bucket, MOTO, ROLES)} == {"unchanged"}


def test_what_was_loosened_is_set_again(s3: "S3Client", secured: str) -> None:
    s3.put_bucket_versioning(Bucket=secured, VersioningConfiguration={"Status": "Suspended"})
    s3.delete_bucket_policy(Bucket=secured)
    changed = {c.part for c in secure(s3, secured, MOTO, ROLES) if c.outcome != "unchanged"}
    assert changed == {"versioning", "policy: HTTPS and named roles only"}


def test_another_principal_is_shut_out_and_told_why(s3: "S3Client", secured: str) -> None:
    s3.put_object(Bucket=secured, Key="a", Body=b"")
    with (
        conditions_evaluated("arn:aws:iam::123456789012:user/mallory"),
        pytest.raises(s3.exceptions.ClientError),
    ):
        s3.get_object(Bucket=secured, Key="a")


def test_a_refusal_names_the_call_and_the_remedy(s3: "S3Client") -> None:
    with pytest.raises(
        BucketError, match=r"GetPublicAccessBlock on bucket missing failed \(NoSuchBucket: .*run this"
    ):
        secure(s3, "missing", MOTO, ROLES)
