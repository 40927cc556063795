from typing import TYPE_CHECKING

from lakehouse.storage.bucket.layout import ensure_prefixes, prefixes

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

LISTED = """
raw/products/ raw/orders/ raw/order_items/ raw/processing/ raw/processed/ raw/failed/ raw/archive/
bronze/products/ bronze/orders/ bronze/order_items/ bronze/processing/ bronze/failed/ bronze/archive/
silver/products/ silver/orders/ silver/order_items/ silver/processing/ silver/failed/ silver/archive/
gold/daily_sales/ gold/product_performance/ gold/department_analytics/ gold/customer_insights/
gold/processing/ gold/failed/ gold/archive/
scripts/ logs/ metadata/ temp/ rejected/ athena_queries/
"""
EXPECTED = LISTED.split()


def test_the_prefixes_of_the_shop() -> None:
    assert sorted(prefixes("ecommerce")) == sorted(EXPECTED)


def test_every_prefix_is_an_empty_object_put_once(s3: "S3Client", bucket: str) -> None:
    first = ensure_prefixes(s3, {"*": bucket}, "ecommerce")
    written = {item["Key"]: item["LastModified"] for item in s3.list_objects_v2(Bucket=bucket)["Contents"]}
    second = ensure_prefixes(s3, {"*": bucket}, "ecommerce")
    after = {item["Key"]: item["LastModified"] for item in s3.list_objects_v2(Bucket=bucket)["Contents"]}

    assert {change.outcome for change in first} == {"created"}
    assert {change.outcome for change in second} == {"unchanged"}
    assert sorted(written) == sorted(EXPECTED)
    assert after == written


def test_a_missing_prefix_is_put_again(s3: "S3Client", bucket: str) -> None:
    ensure_prefixes(s3, {"*": bucket}, "ecommerce")
    s3.delete_object(Bucket=bucket, Key="temp/")
    assert [c.part for c in ensure_prefixes(s3, {"*": bucket}, "ecommerce") if c.outcome == "created"] == [
        "temp/"
    ]
