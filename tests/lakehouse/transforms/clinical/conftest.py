"""The key of the evidence, as AWS keeps it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING
from uuid import uuid4

import boto3
import pytest

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@pytest.fixture(scope="module")
def evidence_key(s3: "S3Client") -> Iterator[bytes]:
    """A key in a secret of its own, which the settings name."""
    key = uuid4().hex.encode()
    name = f"lakehouse/clinical/{uuid4().hex[:8]}"
    secrets = boto3.client("secretsmanager")
    secrets.create_secret(Name=name, SecretBinary=key)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAKEHOUSE_EVIDENCE_KEY_SECRET", name)
        yield key
    secrets.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
