import hashlib
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest
from botocore.exceptions import ClientError

from lakehouse.storage.bucket.upload import FHIR, PART_BYTES, dataset_of, find, upload

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

DATASETS = ["products", "orders", "order_items"]


def put(directory: Path, **files: str) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (directory / name.replace("__", ".")).write_text(text)


@pytest.mark.parametrize(
    ("name", "dataset"),
    [
        ("products.csv", "products"),
        ("orders_apr_2025.xlsx", "orders"),
        ("order_items_apr_2025.xlsx", "order_items"),
        ("Order-Items apr.csv", "order_items"),
        ("ORDERS.CSV", "orders"),
        ("order.csv", None),
        ("my_orders.csv", None),
    ],
)
def test_the_name_gives_the_dataset(name: str, dataset: str | None) -> None:
    assert dataset_of(name, DATASETS) == dataset


def test_files_are_found_below_the_directory(tmp_path: Path) -> None:
    put(tmp_path, products__csv="p", notes__txt="n", customers__csv="c")
    put(tmp_path / "april" / "1", orders__xlsx="o", order_items__csv="i", orders__CSV__gz="z", orders__gz="?")
    put(tmp_path / "april", **{"~$orders__xlsx": "lock", "__orders__csv": "hidden"})

    found = find(tmp_path, DATASETS)

    assert sorted(file.key for file in found.files) == [
        "raw/order_items/order_items.csv",
        "raw/orders/orders.CSV.gz",
        "raw/orders/orders.xlsx",
        "raw/products/products.csv",
    ]
    assert [path.name for path in found.unknown] == ["customers.csv"]
    assert found.size == 4


def test_a_name_that_gives_no_dataset_leaves_it_to_the_folder(tmp_path: Path) -> None:
    put(tmp_path / "patient", day_1__ndjson="p", encounter_2__json="e", notes__csv="c")
    put(tmp_path / "elsewhere", day_1__ndjson="?")

    found = find(tmp_path, ["patient", "encounter"], FHIR)

    assert sorted(file.key for file in found.files) == [
        "raw/encounter/encounter_2.json",
        "raw/patient/day_1.ndjson",
    ]
    assert [path.parent.name for path in found.unknown] == ["elsewhere"]


def test_two_files_of_one_key_must_be_equal(tmp_path: Path) -> None:
    put(tmp_path / "a", orders__csv="1")
    put(tmp_path / "b", orders__csv="1")
    assert len(find(tmp_path, DATASETS).files) == 1

    put(tmp_path / "b", orders__csv="2")
    with pytest.raises(
        ValueError, match=r"a/orders.csv and .*b/orders.csv would both become raw/orders/orders.csv"
    ):
        find(tmp_path, DATASETS)


def test_a_missing_directory(tmp_path: Path) -> None:
    with pytest.raises(NotADirectoryError, match="nowhere is no directory"):
        find(tmp_path / "nowhere", DATASETS)


def test_the_same_content_is_sent_once(s3: "S3Client", bucket: str, tmp_path: Path) -> None:
    put(tmp_path, orders__csv="a,b\n1,2\n")

    def run() -> list[str]:
        return [item.outcome for item in upload(s3, bucket, find(tmp_path, DATASETS).files)]

    assert run() == ["uploaded"]
    assert run() == ["unchanged"]
    put(tmp_path, orders__csv="a,b\n1,3\n")
    assert run() == ["uploaded"]

    stored = s3.get_object(Bucket=bucket, Key="raw/orders/orders.csv")
    assert stored["Body"].read() == b"a,b\n1,3\n"
    assert stored["Metadata"] == {"sha256": hashlib.sha256(b"a,b\n1,3\n").hexdigest()}


def test_an_object_put_by_others_is_replaced(s3: "S3Client", bucket: str, tmp_path: Path) -> None:
    s3.put_object(Bucket=bucket, Key="raw/orders/orders.csv", Body=b"same")
    put(tmp_path, orders__csv="same")
    assert [item.outcome for item in upload(s3, bucket, find(tmp_path, DATASETS).files)] == ["uploaded"]


def test_a_large_file_goes_in_parts(s3: "S3Client", bucket: str, tmp_path: Path) -> None:
    content = bytes(range(256)) * (PART_BYTES // 256) + b"end"
    (tmp_path / "orders.csv").write_bytes(content)
    seen: list[int] = []

    (item,) = upload(s3, bucket, find(tmp_path, DATASETS).files, seen.append)

    assert item.outcome == "uploaded"
    assert sum(seen) == len(content)
    stored = s3.get_object(Bucket=bucket, Key="raw/orders/orders.csv")
    assert stored["ETag"].strip('"').endswith("-2")
    assert stored["Body"].read() == content


def test_a_file_that_fails_does_not_stop_the_others(s3: "S3Client", bucket: str, tmp_path: Path) -> None:
    put(tmp_path, orders__csv="o", products__csv="p")
    send = s3.upload_fileobj

    def refuse_orders(content: object, bucket: str, key: str, **options: object) -> None:
        if "orders" in key:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "PutObject")
        send(content, bucket, key, **options)  # type: ignore[arg-type]

    with patch.object(s3, "upload_fileobj", refuse_orders):
        failed, sent = upload(s3, bucket, find(tmp_path, DATASETS).files)

    assert (failed.file.dataset, failed.outcome, sent.outcome) == ("orders", "failed", "uploaded")
    assert failed.reason.startswith(
        "PutObject on s3://lake/raw/orders/orders.csv failed (AccessDenied: no); grant"
    )
