"""Delivered files in a dataset's landing folder: which there are, and what they are by content."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import boto3

from lakehouse.storage.documents import split_uri

_CHUNK = 1 << 20


@dataclass(frozen=True)
class DeliveredFile:
    """One object under raw/. `delivered_at` is when S3 received it (UTC)."""

    uri: str
    sha256: str
    size: int
    delivered_at: datetime


def delivered_files(landing_uri: str) -> list[DeliveredFile]:
    """Every file of a dataset, oldest first; folder markers are no files."""
    bucket, prefix = split_uri(f"{landing_uri}/")
    s3 = boto3.client("s3")
    objects = [
        entry
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        for entry in page.get("Contents", ())
        if not entry["Key"].endswith("/")
    ]
    return [
        DeliveredFile(
            uri=f"s3://{bucket}/{entry['Key']}",
            sha256=_sha256(s3, bucket, entry["Key"]),
            size=entry["Size"],
            delivered_at=entry["LastModified"],
        )
        for entry in sorted(objects, key=lambda entry: (entry["LastModified"], entry["Key"]))
    ]


def _sha256(s3: Any, bucket: str, key: str) -> str:
    digest = hashlib.sha256()
    for chunk in s3.get_object(Bucket=bucket, Key=key)["Body"].iter_chunks(_CHUNK):
        digest.update(chunk)
    return digest.hexdigest()
