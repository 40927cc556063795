"""Find the bucket or create it."""

import re
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from lakehouse.storage.bucket.change import Change, record
from lakehouse.storage.bucket.failure import BucketError, error_code, named_failures

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.literals import BucketLocationConstraintType

WITHOUT_LOCATION = "us-east-1"
"""S3 refuses this region as a LocationConstraint: it is what a bucket gets without one."""
_NAME = re.compile(r"(?!xn--|sthree-|\d+\.\d+\.\d+\.\d+\Z)(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\Z")


def check_name(name: str) -> None:
    """Raise ValueError for a name that S3 does not allow."""
    if not _NAME.match(name):
        raise ValueError(
            f"{name!r} is no bucket name: use 3 to 63 lower-case letters, digits, dots and hyphens, "
            "with a letter or digit at both ends"
        )


def ensure_bucket(s3: "S3Client", bucket: str, region: str, account: str) -> Change:
    """Create the bucket in the region unless the account has it there; raises BucketError."""
    found = _region_of(s3, bucket, account)
    if found is None:
        _create(s3, bucket, region)
        return record("bucket", "created")
    if found != region:
        raise BucketError(
            f"bucket {bucket} exists in {found}, not in {region}; "
            f"pass --region {found} or another --bucket-name"
        )
    return record("bucket", "unchanged")


def _region_of(s3: "S3Client", bucket: str, account: str) -> str | None:
    with named_failures(f"bucket {bucket}"):
        try:
            # Another account's bucket of this name must not receive our data.
            answer = s3.head_bucket(Bucket=bucket, ExpectedBucketOwner=account)
        except ClientError as error:
            if error_code(error) in {"404", "NoSuchBucket"}:
                return None
            raise
    return answer.get("BucketRegion") or WITHOUT_LOCATION


def _create(s3: "S3Client", bucket: str, region: str) -> None:
    with named_failures(f"bucket {bucket}"):
        if region == WITHOUT_LOCATION:
            s3.create_bucket(Bucket=bucket)
        else:
            location: BucketLocationConstraintType = region  # type: ignore[assignment]
            s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": location})
        s3.get_waiter("bucket_exists").wait(Bucket=bucket)
