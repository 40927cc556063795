"""A refusal by AWS in one sentence: the call, what AWS answered and what to do."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    PartialCredentialsError,
)
from botocore.exceptions import (
    ConnectionError as AwsConnectionError,
)

RUN_AGAIN = "then run this again: it continues where it stopped"

PERMISSIONS = {
    "HeadBucket": "s3:ListBucket",
    "HeadObject": "s3:GetObject and s3:ListBucket",
    "CreateMultipartUpload": "s3:PutObject",
    "UploadPart": "s3:PutObject",
    "CompleteMultipartUpload": "s3:PutObject",
    "GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
    "PutPublicAccessBlock": "s3:PutBucketPublicAccessBlock",
    "GetBucketEncryption": "s3:GetEncryptionConfiguration",
    "PutBucketEncryption": "s3:PutEncryptionConfiguration",
    "GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
    "PutBucketLifecycleConfiguration": "s3:PutLifecycleConfiguration",
    "GetCallerIdentity": "sts:GetCallerIdentity",
}
"""Call → the IAM action it needs, where the names differ."""

REMEDIES = {
    "BucketAlreadyExists": "the name belongs to another account: choose another --bucket-name",
    "ExpiredToken": "sign in again",
    "ExpiredTokenException": "sign in again",
    "InvalidAccessKeyId": "check AWS_ACCESS_KEY_ID and AWS_PROFILE",
    "InvalidClientTokenId": "check AWS_ACCESS_KEY_ID and AWS_PROFILE",
    "SignatureDoesNotMatch": "check AWS_SECRET_ACCESS_KEY",
    "InvalidLocationConstraint": "check --region and AWS_ENDPOINT_URL",
    "IllegalLocationConstraintException": "check --region and AWS_ENDPOINT_URL",
    "NoSuchBucket": "the bucket was deleted meanwhile: run this again to create it",
    "OperationAborted": "another change of this bucket is under way: wait a minute",
    "TooManyBuckets": "ask AWS for a higher bucket quota",
    "SlowDown": "wait a minute",
}
FORBIDDEN = frozenset({"AccessDenied", "403", "AllAccessDisabled", "UnauthorizedAccess"})


class BucketError(RuntimeError):
    """AWS refused a call; the message names the call, the answer and the remedy."""


@contextmanager
def named_failures(target: str) -> Iterator[None]:
    """Turn every error of botocore into a BucketError about the target, such as a bucket or an object."""
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise BucketError(describe(error, target)) from error


def describe(error: ClientError | BotoCoreError, target: str) -> str:
    """The failure in one sentence."""
    if isinstance(error, ClientError):
        code, call = error_code(error), error.operation_name
        message = error.response.get("Error", {}).get("Message", "no message")
        return f"{call} on {target} failed ({code}: {message}); {_remedy(code, call)}, {RUN_AGAIN}"
    if isinstance(error, NoCredentialsError | PartialCredentialsError):
        return f"no AWS credentials for {target} ({error}); set AWS_PROFILE or the AWS_* keys, {RUN_AGAIN}"
    if isinstance(error, AwsConnectionError):
        return (
            f"AWS was not reached for {target} ({error}); check the network and AWS_ENDPOINT_URL, {RUN_AGAIN}"
        )
    return f"the call on {target} could not be made ({error}); check the AWS settings, {RUN_AGAIN}"


def error_code(error: ClientError) -> str:
    """The service's error code, such as `NoSuchBucket`; a HEAD request has only the HTTP status."""
    return str(error.response.get("Error", {}).get("Code", "Unknown"))


def _remedy(code: str, call: str) -> str:
    if code in FORBIDDEN:
        permission = PERMISSIONS.get(call, f"s3:{call}")
        taken = "choose another --bucket-name, or " if call in {"HeadBucket", "CreateBucket"} else ""
        return f"{taken}grant {permission} to the caller, and see that no bucket policy denies it"
    return REMEDIES.get(code, "correct what AWS names")
