"""Secure the bucket: each setting is read, compared and put only where it differs."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from lakehouse.storage.bucket.caller import Caller
from lakehouse.storage.bucket.change import Change, Outcome, record
from lakehouse.storage.bucket.failure import error_code, named_failures
from lakehouse.storage.bucket.lifecycle import merged
from lakehouse.storage.bucket.policy import policy, same_policy

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import PublicAccessBlockConfigurationTypeDef

PUBLIC_ACCESS: "PublicAccessBlockConfigurationTypeDef" = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}
NOT_SET = frozenset(
    {
        "NoSuchPublicAccessBlockConfiguration",
        "OwnershipControlsNotFoundError",
        "ServerSideEncryptionConfigurationNotFoundError",
        "NoSuchLifecycleConfiguration",
        "NoSuchBucketPolicy",
    }
)


def secure(s3: "S3Client", bucket: str, caller: Caller, roles: Sequence[str]) -> list[Change]:
    """Bring every security setting to what it must be; raises BucketError at the first that AWS refuses.

    Args:
        s3: Client of the bucket's region.
        bucket: The bucket.
        caller: Who calls; keeps access.
        roles: The IAM roles that have access, by name or ARN.
    """
    settings: list[tuple[str, Callable[[], Outcome]]] = [
        ("public access block", lambda: _block_public_access(s3, bucket)),
        ("bucket owner enforced", lambda: _enforce_owner(s3, bucket)),
        ("encryption AES-256", lambda: _encrypt(s3, bucket)),
        ("versioning", lambda: _keep_versions(s3, bucket)),
        ("lifecycle", lambda: _set_lifecycle(s3, bucket)),
        ("policy: HTTPS and named roles only", lambda: _set_policy(s3, bucket, caller, roles)),
    ]
    changes = []
    for name, ensure in settings:
        with named_failures(f"bucket {bucket}"):
            changes.append(record(name, ensure()))
    return changes


def _block_public_access(s3: "S3Client", bucket: str) -> Outcome:
    found = _read(lambda: s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"])
    if found == PUBLIC_ACCESS:
        return "unchanged"
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=PUBLIC_ACCESS)
    return _put(found)


def _enforce_owner(s3: "S3Client", bucket: str) -> Outcome:
    found = _read(lambda: s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"])
    if found and [rule["ObjectOwnership"] for rule in found["Rules"]] == ["BucketOwnerEnforced"]:
        return "unchanged"
    s3.put_bucket_ownership_controls(
        Bucket=bucket, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    )
    return _put(found)


def _encrypt(s3: "S3Client", bucket: str) -> Outcome:
    found = _read(lambda: s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"])
    wanted = {"SSEAlgorithm": "AES256"}
    if found and [rule.get("ApplyServerSideEncryptionByDefault") for rule in found["Rules"]] == [wanted]:
        return "unchanged"
    s3.put_bucket_encryption(
        Bucket=bucket,
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
        },
    )
    return _put(found)


def _keep_versions(s3: "S3Client", bucket: str) -> Outcome:
    found = s3.get_bucket_versioning(Bucket=bucket).get("Status")
    if found == "Enabled":
        return "unchanged"
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    return _put(found)


def _set_lifecycle(s3: "S3Client", bucket: str) -> Outcome:
    found = _read(lambda: s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]) or []
    wanted = merged(found)
    if _by_id(found) == _by_id(wanted):
        return "unchanged"
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": wanted})  # type: ignore[typeddict-item]
    return _put(found)


def _set_policy(s3: "S3Client", bucket: str, caller: Caller, roles: Sequence[str]) -> Outcome:
    found = _read(lambda: json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])) or {}
    wanted = policy(bucket, caller, roles, found)
    if same_policy(found, wanted):
        return "unchanged"
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(wanted))
    return _put(found)


def _read[T](get: Callable[[], T]) -> T | None:
    try:
        return get()
    except ClientError as error:
        if error_code(error) in NOT_SET:
            return None
        raise


def _put(found: object) -> Outcome:
    return "changed" if found else "created"


def _by_id(rules: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {str(rule.get("ID", position)): rule for position, rule in enumerate(rules)}
