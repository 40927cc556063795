"""Delivered files in a dataset's landing folder: which there are, and what they are by content."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import boto3

from lakehouse.storage.documents import listed, split_uri

_CHUNK = 1 << 20


@dataclass(frozen=True)
class DeliveredFile:
    """One object under raw/. `delivered_at` is when S3 received it (UTC)."""

    uri: str
    sha256: str
    size: int
    delivered_at: datetime


def delivered_files(landing_uris: Sequence[str]) -> list[DeliveredFile]:
    """Every file of a dataset, oldest first; folder markers are no files."""
    s3 = boto3.client("s3")
    found = [file for uri in landing_uris for file in _files(s3, uri)]
    return sorted(found, key=lambda file: (file.delivered_at, file.uri))


def _files(s3: Any, landing_uri: str) -> Iterator[DeliveredFile]:
    bucket, _ = split_uri(landing_uri)
    for entry in listed(f"{landing_uri}/"):
        if not entry["Key"].endswith("/"):
            yield DeliveredFile(
                uri=f"s3://{bucket}/{entry['Key']}",
                sha256=sha256_of(s3, bucket, entry["Key"]),
                size=entry["Size"],
                delivered_at=entry["LastModified"],
            )


def sha256_of(s3: Any, bucket: str, key: str) -> str:
    """What an object is known by: the hash of its content."""
    digest = hashlib.sha256()
    for chunk in s3.get_object(Bucket=bucket, Key=key)["Body"].iter_chunks(_CHUNK):
        digest.update(chunk)
    return digest.hexdigest()
