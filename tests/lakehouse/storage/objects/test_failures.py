"""S3 that fails: what is tried again, when it is given up, and what is left behind."""

from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest

from lakehouse.storage.objects import retries
from lakehouse.storage.objects.s3 import S3Store
from lakehouse.storage.objects.store import StoreError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

LARGE = bytes(range(256)) * 4096 * 9  # 9 MiB: two parts


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds that would have been waited, in the order of the retries."""
    found: list[float] = []
    delay = retries.delay_seconds

    def noted(attempt: int) -> float:
        found.append(delay(attempt))
        return 0

    monkeypatch.setattr(retries, "delay_seconds", noted)
    return found


@pytest.fixture
def store(s3: "S3Client", bucket: str, waits: list[float]) -> S3Store:
    return S3Store(bucket, region="us-east-1")


@pytest.mark.parametrize("fault", ["slow_down", "internal_error", "connection_reset"])
def test_three_retries_after_1_2_and_4_seconds_and_jitter(
    store: S3Store, faults: Any, waits: list[float], fault: str
) -> None:
    rule = {"service": "s3", "operation": "PutObject", "fault": fault}
    faults.replace([{**rule, "nth": 1, "count": 3}])
    store.write("a", b"content")
    assert store.read("a") == b"content"
    faults.replace([{**rule, "nth": 1, "count": 4}])
    with pytest.raises(StoreError, match=r"write s3://lake-\w+/b: .+; .+"):
        store.write("b", b"content")
    faults.clear()

    for seconds, least in zip(waits, [1, 2, 4, 1, 2, 4], strict=True):
        assert least <= seconds <= least + 1
    assert store.size("b") is None


def test_what_cannot_succeed_is_not_tried_again(store: S3Store, waits: list[float], bucket: str) -> None:
    with pytest.raises(StoreError, match=r"NoSuchBucket.*storage\.bucket"):
        S3Store("no-such-bucket", region="us-east-1").list_files("raw")
    with pytest.raises(StoreError, match=f"read s3://{bucket}/none: GetObject failed"):
        store.read("none")

    assert waits == []


@pytest.mark.parametrize(
    ("operation", "fault"),
    [
        ("CreateMultipartUpload", "lost_reply"),
        ("UploadPart", "lost_reply"),
        ("CompleteMultipartUpload", "lost_reply"),
        ("UploadPart", "slow_down"),
        ("UploadPart", "connection_reset"),
    ],
)
@pytest.mark.parametrize("replace", [True, False])
def test_a_part_is_tried_again_and_no_upload_stays_open(
    s3: "S3Client", store: S3Store, faults: Any, operation: str, fault: str, replace: bool
) -> None:
    faults.replace([{"service": "s3", "operation": operation, "nth": 1, "fault": fault}])
    store.upload_stream("a/large", BytesIO(LARGE), replace=replace)
    fired = len(faults.firings())
    faults.clear()

    assert fired == 1
    assert store.read("a/large") == LARGE
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=store.bucket)


@pytest.mark.parametrize("fault", ["slow_down", "connection_reset"])
def test_an_upload_that_is_given_up_is_aborted(
    s3: "S3Client", store: S3Store, faults: Any, fault: str
) -> None:
    faults.replace([{"service": "s3", "operation": "UploadPart", "nth": 2, "count": 50, "fault": fault}])
    with pytest.raises(StoreError, match=r"upload s3://.+/a/large"):
        store.upload_stream("a/large", BytesIO(LARGE))
    faults.clear()

    assert store.list_files("") == []
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=store.bucket)


@pytest.mark.parametrize("fault", ["lost_reply", "slow_down"])
def test_a_large_content_is_written_in_parts(s3: "S3Client", store: S3Store, faults: Any, fault: str) -> None:
    faults.replace([{"service": "s3", "operation": "UploadPart", "nth": 2, "fault": fault}])
    store.write("a/large", b"what was there before")
    store.write("a/large", LARGE, "text/plain")
    fired = len(faults.firings())
    faults.clear()

    assert fired == 1
    assert store.read("a/large") == LARGE
    assert s3.head_object(Bucket=store.bucket, Key="a/large")["ContentType"] == "text/plain"
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=store.bucket)


def test_a_lost_reply_to_a_small_file_that_must_be_new_is_no_conflict(store: S3Store, faults: Any) -> None:
    faults.replace([{"service": "s3", "operation": "PutObject", "nth": 1, "fault": "lost_reply"}])
    store.upload_stream("a/small", BytesIO(b"content"), replace=False)
    fired = len(faults.firings())
    faults.clear()

    assert fired == 1
    assert store.read("a/small") == b"content"


def test_uploads_that_a_killed_process_left_open_are_discarded(s3: "S3Client", store: S3Store) -> None:
    for key in ("a/large", "a/large2"):
        s3.create_multipart_upload(Bucket=store.bucket, Key=key)

    store.discard_unfinished("a/large")

    (left,) = s3.list_multipart_uploads(Bucket=store.bucket)["Uploads"]
    assert left["Key"] == "a/large2"
