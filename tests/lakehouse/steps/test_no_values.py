"""No value of the data reaches a log, a document, a page or an error: counts, rules and positions only.

Values that nothing else contains are put where each kind of refusal meets them. They may be in raw/, in the tables
and in rejected/, nowhere else.
"""

import traceback
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from lakehouse.steps.publish import UnauditedError
from tests.lakehouse.steps.lake import Lake

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from pyspark.sql import SparkSession

CANARY = "canary-4711"
ORDERS = ("orders",)
GOOD = {
    "order_num": 1,
    "order_id": 1,
    "user_id": 7,
    "order_timestamp": "2025-04-01T10:00:00",
    "total_amount": "5.00",
    "date": "2025-04-01",
}
ROWS = [
    GOOD,
    {**GOOD, "order_id": 2, "total_amount": CANARY},
    {**GOOD, "order_id": 3, "date": CANARY},
    {**GOOD, "order_id": CANARY},
    {**GOOD, "order_id": 4, "user_id": ""},
]
UNREADABLE = {
    "twice.csv": f"order_id,{CANARY},{CANARY}\n1,2,3\n",
    "quote.csv": f'order_id,user_id\n"{CANARY},"{CANARY}"x\n',
    "cp1252.csv": f"order_id,user_id\n{CANARY}é,1\n",
    "book.xlsx": f"order_id\n{CANARY}\n",
}


@pytest.fixture(scope="module")
def said(spark: "SparkSession", s3: "S3Client") -> Iterator[tuple[Lake, str]]:
    """A lake whose gate is closed over the canaries, and the error that says so."""
    lake = Lake.of_its_own(spark, s3)
    for name, content in UNREADABLE.items():
        lake.deliver("orders", name, content.encode("cp1252"))
    lake.deliver("orders", "rows.csv", [{**row, "remark": CANARY} for row in ROWS])
    run = lake.a_run("canaries", tables=ORDERS)
    lake.candidate("bronze", run)
    lake.publish("bronze", run)
    lake.candidate("silver", run)
    try:
        lake.publish("silver", run)
    except UnauditedError as error:
        yield lake, "".join(traceback.format_exception(error))
    else:
        pytest.fail("the gate let the canaries pass")


def test_the_canaries_were_met(said: tuple[Lake, str]) -> None:
    lake, _ = said
    verdict = lake.verdict("canaries", "bronze.orders")
    unread = [
        one["observed"] for one in verdict["expectations"] if one["type"] == "expect_file_to_be_readable"
    ]
    assert len(unread) == len(UNREADABLE)
    assert lake.verdict("canaries", "silver.orders")["outcome"] == "failed"
    assert CANARY in str(lake.table("bronze.orders").collect())


def test_no_document_holds_a_value(said: tuple[Lake, str]) -> None:
    lake, _ = said
    listed = lake.s3.list_objects_v2(Bucket=lake.bucket, Prefix="metadata/")["Contents"]
    documents = {
        entry["Key"]: lake.s3.get_object(Bucket=lake.bucket, Key=entry["Key"])["Body"].read().decode()
        for entry in listed
    }
    assert {key.rpartition(".")[2] for key in documents} == {"json", "html"}
    assert [key for key, text in documents.items() if CANARY in text] == []


def test_no_error_holds_a_value(said: tuple[Lake, str]) -> None:
    _, error = said
    assert "verdict is 'failed'" in error
    assert CANARY not in error


def test_no_log_holds_a_value(
    spark: "SparkSession", s3: "S3Client", caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Of Python at every level but Spark's own chatter, and of what the JVM prints."""
    caplog.set_level("DEBUG", logger="lakehouse")
    lake = Lake.of_its_own(spark, s3)
    lake.deliver("orders", "rows.csv", [{**row, "remark": CANARY} for row in ROWS])
    run = lake.a_run("canaries", tables=ORDERS, rejected_share_limit=1.0)
    for layer in ("bronze", "silver"):
        lake.candidate(layer, run)
        lake.publish(layer, run)

    printed = capfd.readouterr()
    assert "ecommerce.silver.orders" in caplog.text
    assert CANARY not in caplog.text + printed.out + printed.err
    assert CANARY in str(lake.table("rejected.orders").collect())
