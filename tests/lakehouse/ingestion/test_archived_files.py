"""What runs put away is found again as it was delivered, or the reason is told."""

import hashlib
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from lakehouse.ingestion.archived_files import ArchiveError, archived_files, require_readable

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

FIRST, SECOND = "2025-04-01T06:00:00+00:00", "2025-04-02T06:00:00+00:00"


def put_away(
    lake: "S3Client",
    name: str,
    content: bytes,
    delivered_at: str = FIRST,
    *,
    storage: Any = "STANDARD",
    **told: Any,
) -> str:
    """An archived file and its record; returns the file's key."""
    digest = hashlib.sha256(content).hexdigest()
    key = f"raw/archive/orders/{digest[:16]}/{name}"
    lake.put_object(Bucket="lake", Key=key, Body=content, StorageClass=storage)
    record = {
        "sha256": digest,
        "status": "loaded",
        "delivered_at": delivered_at,
        "moved_to": f"s3://lake/{key}",
    }
    body = json.dumps({name: value for name, value in (record | told).items() if value is not None})
    lake.put_object(Bucket="lake", Key=f"raw/processed/orders/{digest[:16]}.json", Body=body.encode())
    return key


def test_files_are_what_they_were_when_they_were_delivered(lake: "S3Client") -> None:
    later = put_away(lake, "b.csv", b"2", SECOND)
    first = put_away(lake, "a.csv", b"1", FIRST)
    put_away(lake, "odd.xlsx", b"3", status="failed")

    found = archived_files("lake", "orders")

    assert [(file.uri, file.size) for file in found] == [(f"s3://lake/{first}", 1), (f"s3://lake/{later}", 1)]
    assert found[0].delivered_at == datetime(2025, 4, 1, 6, tzinfo=UTC)
    assert found[0].sha256 == hashlib.sha256(b"1").hexdigest()
    assert archived_files("lake", "products") == []


@pytest.mark.parametrize("storage", ["GLACIER", "DEEP_ARCHIVE"])
def test_what_is_in_glacier_is_told_with_the_way_round(lake: "S3Client", storage: str) -> None:
    frozen = put_away(lake, "a.csv", b"1", storage=storage)

    with pytest.raises(ArchiveError, match=rf"1 archived files of orders .*{frozen}.*`--source bronze`"):
        archived_files("lake", "orders")


def test_what_was_restored_from_glacier_is_read(lake: "S3Client") -> None:
    frozen = put_away(lake, "a.csv", b"1", storage="GLACIER")
    lake.restore_object(Bucket="lake", Key=frozen, RestoreRequest={"Days": 3})

    require_readable("lake", "orders")


@pytest.mark.parametrize("storage", ["STANDARD_IA", "GLACIER_IR"])
def test_what_is_only_cool_is_read(lake: "S3Client", storage: str) -> None:
    put_away(lake, "a.csv", b"1", storage=storage)

    assert len(archived_files("lake", "orders")) == 1


def test_an_archive_that_changed_is_refused(lake: "S3Client") -> None:
    key = put_away(lake, "a.csv", b"1")
    lake.put_object(Bucket="lake", Key=key, Body=b"2")
    with pytest.raises(ArchiveError, match=r"a\.csv is not what was delivered"):
        archived_files("lake", "orders")

    lake.delete_object(Bucket="lake", Key=key)
    with pytest.raises(ArchiveError, match=r"a\.csv is gone: replay with `--source bronze`"):
        archived_files("lake", "orders")


def test_a_record_without_the_time_of_delivery_is_refused(lake: "S3Client") -> None:
    put_away(lake, "a.csv", b"1", delivered_at=None)  # type: ignore[arg-type]

    with pytest.raises(ArchiveError, match="does not say when its file was delivered"):
        archived_files("lake", "orders")
