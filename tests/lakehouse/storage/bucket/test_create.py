from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.stub import Stubber

from lakehouse.storage.bucket.create import check_name, ensure_bucket
from lakehouse.storage.bucket.failure import BucketError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

ACCOUNT = "123456789012"


@pytest.mark.parametrize("region", ["us-east-1", "eu-central-1"])
def test_a_bucket_is_created_once_in_its_region(s3: "S3Client", region: str) -> None:
    regional = boto3.client("s3", region_name=region)

    outcomes = [ensure_bucket(regional, "lake", region, ACCOUNT).outcome for _ in range(2)]

    assert outcomes == ["created", "unchanged"]
    location: str | None = s3.get_bucket_location(Bucket="lake")["LocationConstraint"]
    assert location == (None if region == "us-east-1" else region)


def test_a_bucket_in_another_region_is_refused(s3: "S3Client", bucket: str) -> None:
    regional = boto3.client("s3", region_name="eu-central-1")
    with pytest.raises(
        BucketError, match="exists in us-east-1, not in eu-central-1; pass --region us-east-1"
    ):
        ensure_bucket(regional, bucket, "eu-central-1", ACCOUNT)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (
            "403",
            "HeadBucket on bucket lake failed .*choose another --bucket-name, or grant s3:ListBucket",
        ),
        ("InvalidAccessKeyId", "check AWS_ACCESS_KEY_ID"),
    ],
)
def test_a_refusal_names_the_remedy(s3: "S3Client", code: str, message: str) -> None:
    with Stubber(s3) as stub:
        stub.add_client_error("head_bucket", code, "Forbidden", http_status_code=403)
        with pytest.raises(BucketError, match=message):
            ensure_bucket(s3, "lake", "us-east-1", ACCOUNT)


def test_a_name_taken_by_another_account(s3: "S3Client") -> None:
    with Stubber(s3) as stub:
        stub.add_client_error("head_bucket", "404", "Not Found", http_status_code=404)
        stub.add_client_error("create_bucket", "BucketAlreadyExists", "taken", http_status_code=409)
        with pytest.raises(
            BucketError, match=r"CreateBucket on bucket lake failed .*choose another --bucket-name"
        ):
            ensure_bucket(s3, "lake", "us-east-1", ACCOUNT)


@pytest.mark.parametrize("name", ["lake", "my-lake.prod", "a1b", "x" * 63])
def test_names_that_s3_allows(name: str) -> None:
    check_name(name)


@pytest.mark.parametrize(
    "name", ["My-Lake", "a", "x" * 64, "-lake", "lake-", "a..b", "a_b", "192.168.0.1", "xn--a1"]
)
def test_names_that_s3_refuses(name: str) -> None:
    with pytest.raises(ValueError, match="is no bucket name: use 3 to 63"):
        check_name(name)
