"""What S3 tells of an object without its content."""

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from lakehouse.storage.bucket.failure import error_code

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import HeadObjectOutputTypeDef

MISSING = frozenset({"404", "NoSuchKey"})
"""Codes of an object that is not there; a HEAD request has only the HTTP status."""


def head_if_exists(s3: "S3Client", bucket: str, key: str) -> "HeadObjectOutputTypeDef | None":
    """The object's metadata, or None where there is no object."""
    try:
        return s3.head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error_code(error) in MISSING:
            return None
        raise
