"""Files that runs took in and put away: what they were when they were delivered, read from the archive again.

`raw/processed/<dataset>/` has a record of each, which says under which name and when its content came first: the
archive's own objects tell when they were moved.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import boto3

from lakehouse.ingestion.files import DeliveredFile, sha256_of
from lakehouse.storage.documents import listed, read_document
from lakehouse.storage.objects.factory import store_at

_FROZEN = frozenset({"GLACIER", "DEEP_ARCHIVE"})
_RESTORED = 'ongoing-request="false"'


class ArchiveError(RuntimeError):
    """The archive cannot be replayed; the message says why and what to do."""


def archived_files(bucket: str, dataset: str) -> list[DeliveredFile]:
    """Every file of a dataset that a run took in, oldest delivery first. Raises ArchiveError."""
    require_readable(bucket, dataset)
    found = [_delivered(bucket, key) for key in _records(bucket, dataset)]
    return sorted((file for file in found if file), key=lambda file: (file.delivered_at, file.uri))


def require_readable(bucket: str, dataset: str) -> None:
    """Raises ArchiveError where archived files of a dataset are frozen in Glacier, and not restored."""
    s3 = boto3.client("s3")
    frozen = [key for key in _frozen(bucket, dataset) if not _is_restored(s3, bucket, key)]
    if frozen:
        raise ArchiveError(
            f"{len(frozen)} archived files of {dataset} are in Glacier, such as s3://{bucket}/{frozen[0]}: "
            "replay from what bronze holds of them with `--source bronze`, or restore them first"
        )


def _frozen(bucket: str, dataset: str) -> Iterator[str]:
    for entry in listed(f"s3://{bucket}/raw/archive/{dataset}/"):
        if entry.get("StorageClass") in _FROZEN:
            yield entry["Key"]


def _is_restored(s3: Any, bucket: str, key: str) -> bool:
    return _RESTORED in s3.head_object(Bucket=bucket, Key=key).get("Restore", "")


def _records(bucket: str, dataset: str) -> Iterator[str]:
    for entry in listed(f"s3://{bucket}/raw/processed/{dataset}/"):
        if entry["Key"].endswith(".json"):
            yield entry["Key"]


def _delivered(bucket: str, record: str) -> DeliveredFile | None:
    """The file of a record; None where it was never taken in."""
    told = read_document(f"s3://{bucket}/{record}")
    if told["status"] == "failed":
        return None
    if "delivered_at" not in told:
        raise ArchiveError(
            f"s3://{bucket}/{record} does not say when its file was delivered: replay with `--source bronze`"
        )
    uri = told["moved_to"]
    store, path = store_at(uri)
    if (size := store.size(path)) is None:
        raise ArchiveError(f"{uri} is gone: replay with `--source bronze`")
    digest = sha256_of(uri)
    if digest != told["sha256"]:
        raise ArchiveError(f"{uri} is not what was delivered: its content has another hash than its record")
    return DeliveredFile(uri, digest, size, datetime.fromisoformat(told["delivered_at"]))
