import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from moto.s3.models import s3_backends

from lakehouse.ingestion.files import delivered_files

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def deliver(lake: "S3Client", key: str, second: int, body: bytes = b"id\n1\n") -> None:
    lake.put_object(Bucket="lake", Key=key, Body=body)
    stored = s3_backends["123456789012"]["aws"].buckets["lake"].keys[key]
    stored.last_modified = datetime(2025, 4, 1, 12, 0, second)  # noqa: DTZ001 - moto keeps naive UTC


def uris(raw_uri: str) -> list[str]:
    return [file.uri for file in delivered_files([raw_uri])]


def test_the_oldest_comes_first_and_names_decide_between_equals(lake: "S3Client") -> None:
    for key, second in (("b.csv", 5), ("c.csv", 1), ("a.csv", 9), ("d.csv", 1)):
        deliver(lake, f"raw/orders/{key}", second)

    names = ("c.csv", "d.csv", "b.csv", "a.csv")
    assert uris("s3://lake/raw/orders") == [f"s3://lake/raw/orders/{name}" for name in names]


def test_a_file_is_known_by_its_content(lake: "S3Client") -> None:
    body = b"id\n" + b"1234567\n" * 300_000  # more than one chunk
    deliver(lake, "raw/orders/april 1.csv", 7, body)

    (file,) = delivered_files(["s3://lake/raw/orders"])

    assert (file.uri, file.size) == ("s3://lake/raw/orders/april 1.csv", len(body))
    assert file.sha256 == hashlib.sha256(body).hexdigest()
    assert file.delivered_at == datetime(2025, 4, 1, 12, 0, 7, tzinfo=UTC)


def test_folder_markers_and_other_datasets_are_no_files(lake: "S3Client") -> None:
    for key in (
        "raw/orders/",
        "raw/orders/old/",
        "raw/orders_old/a.csv",
        "raw/order_items/a.csv",
        "bronze/orders/a",
    ):
        deliver(lake, key, 1)
    deliver(lake, "raw/orders/old/a.csv", 1)

    assert uris("s3://lake/raw/orders") == ["s3://lake/raw/orders/old/a.csv"]


def test_nothing_delivered(lake: "S3Client") -> None:
    assert uris("s3://lake/raw/orders") == []


def test_more_files_than_a_page_of_the_listing(lake: "S3Client") -> None:
    for number in range(1001):
        lake.put_object(Bucket="lake", Key=f"raw/orders/{number:04}.csv", Body=b"%d" % number)

    assert len(set(uris("s3://lake/raw/orders"))) == 1001
