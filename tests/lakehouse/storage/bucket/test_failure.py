import pytest
from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError, NoCredentialsError

from lakehouse.storage.bucket.failure import BucketError, describe, named_failures


@pytest.mark.parametrize(
    ("call", "permission"),
    [("PutBucketEncryption", "s3:PutEncryptionConfiguration"), ("PutBucketPolicy", "s3:PutBucketPolicy")],
)
def test_a_missing_permission_is_named(call: str, permission: str) -> None:
    error = ClientError({"Error": {"Code": "AccessDenied", "Message": "Access Denied"}}, call)
    assert describe(error, "bucket lake") == (
        f"{call} on bucket lake failed (AccessDenied: Access Denied); grant {permission} to the caller, "
        "and see that no bucket policy denies it, then run this again: it continues where it stopped"
    )


@pytest.mark.parametrize(
    ("error", "remedy"),
    [
        (NoCredentialsError(), "set AWS_PROFILE"),
        (EndpointConnectionError(endpoint_url="http://x"), "check the network and AWS_ENDPOINT_URL"),
        (BotoCoreError(), "check the AWS settings"),
    ],
)
def test_a_call_that_was_not_made_names_the_remedy(error: BotoCoreError, remedy: str) -> None:
    with pytest.raises(BucketError, match=remedy), named_failures("bucket lake"):
        raise error
