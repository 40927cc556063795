from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws

from tests.lakehouse.storage.bucket.policy_evaluation import conditions_evaluated

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> "Iterator[S3Client]":
    for name in (
        "AWS_ENDPOINT_URL",
        "AWS_PROFILE",
        "ECOM_S3_BUCKET_NAME",
        "ECOM_AWS_REGION",
        "LAKEHOUSE_BUCKET_ROLES",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws(), conditions_evaluated():
        yield boto3.client("s3", region_name="us-east-1")
