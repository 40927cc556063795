"""Tables where a writer has died, or makes the same table at the same time."""

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from lakehouse.address import Address
from lakehouse.contract import load
from lakehouse.session import session_of_its_own
from lakehouse.storage import delta_log
from lakehouse.storage.delta import ensure_table, read_if_exists

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from pyspark.sql import SparkSession

ORDERS = load(Address("ecommerce", "silver", "orders"))


@pytest.mark.parametrize("left", ["", "_delta_log/", "_delta_log/_commits/"])
def test_what_a_dead_writer_left_is_no_table(
    spark: "SparkSession", s3: "S3Client", bucket: str, left: str
) -> None:
    if left:
        s3.put_object(Bucket=bucket, Key=f"silver/orders/{left}", Body=b"")
    uri = f"s3://{bucket}/silver/orders"
    assert read_if_exists(spark, uri) is None

    ensure_table(spark, uri, ORDERS)

    made = read_if_exists(spark, uri)
    assert made is not None
    assert made.columns == ORDERS.column_names
    assert delta_log.version(uri) == 0


def test_of_two_writers_one_makes_the_table(spark: "SparkSession", s3: "S3Client", bucket: str) -> None:
    uri = f"s3://{bucket}/silver/orders"
    sessions = [session_of_its_own(spark) for _ in range(4)]
    with ThreadPoolExecutor(len(sessions)) as pool:
        made = list(pool.map(lambda session: ensure_table(session, uri, ORDERS).toDF().columns, sessions))
    assert made == [ORDERS.column_names] * len(sessions)
    assert delta_log.version(uri) == 0
