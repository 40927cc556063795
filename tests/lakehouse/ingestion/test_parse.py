"""Delivered files become bronze rows on the executors, as text, with where each value came from."""

import csv
import hashlib
import io
import json
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from lakehouse.contract import LINEAGE
from tests.lakehouse.contract_files import contract_of
from tests.lakehouse.frames import texts
from tests.lakehouse.ingestion.hostile_text import NAUGHTY
from tests.lakehouse.workbooks import workbook

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from pyspark.sql import SparkSession

    from lakehouse.contract_rules import SchemaPolicy
    from lakehouse.ingestion.files import DeliveredFile

COLUMNS = ("order_id", "user_id", "total_amount")
ORDERS = contract_of(
    "orders", *({"name": name, "physicalType": "string"} for name in COLUMNS), layer="bronze"
)
DELIVERED = datetime(2025, 4, 2, 1, 30, tzinfo=timezone(timedelta(hours=2)))
INGESTED = "2025-04-02T05:00:00.250000+00:00"

type Rows = list[dict[str, str | None]]


class Delivery:
    """Files of one test, and the bronze rows that they become."""

    def __init__(self, spark: "SparkSession", s3: "S3Client", bucket: str) -> None:
        self.spark, self.s3, self.bucket = spark, s3, bucket
        self.files: list[DeliveredFile] = []

    def add(self, name: str, content: bytes | str) -> str:
        """Upload a file; returns its URI."""
        from lakehouse.ingestion.files import DeliveredFile

        body = content.encode() if isinstance(content, str) else content
        self.s3.put_object(Bucket=self.bucket, Key=f"raw/orders/{name}", Body=body)
        uri = f"s3://{self.bucket}/raw/orders/{name}"
        self.files.append(DeliveredFile(uri, hashlib.sha256(body).hexdigest(), len(body), DELIVERED))
        return uri

    def parsed(self, *columns: str, policy: "SchemaPolicy" = "permissive") -> Rows:
        """The rows' columns (the contract's unless named) in the order of file, sheet and row."""
        from lakehouse.ingestion.drift import HeaderRules
        from lakehouse.ingestion.parse import FINDINGS, parse_files

        rules = HeaderRules(COLUMNS, frozenset({"order_id"}), policy)
        made = parse_files(self.spark, self.files, ORDERS, INGESTED, rules)
        assert dict(made.dtypes) == {**dict.fromkeys(COLUMNS, "string"), **LINEAGE, **FINDINGS}
        return texts(made.orderBy("_source_file", "_source_sheet", "_source_row"), columns or COLUMNS)


@pytest.fixture
def delivery(spark: "SparkSession", s3: "S3Client", bucket: str) -> Delivery:
    return Delivery(spark, s3, bucket)


def test_values_are_text_as_they_came(delivery: Delivery) -> None:
    delivery.add("a.csv", 'user_id,order_id,total_amount\n007,10000.0, 5.50 \n,"1,5",NULL\n')
    delivery.add(
        "b.xlsx", workbook(april=[["order_id", "user_id", "total_amount"], [10001.0, 7, 229.53]]).read()
    )

    assert delivery.parsed() == [
        {"order_id": "10000.0", "user_id": "007", "total_amount": " 5.50 "},
        {"order_id": "1,5", "user_id": "", "total_amount": "NULL"},
        {"order_id": "10001", "user_id": "7", "total_amount": "229.53"},
    ]


def test_every_row_knows_where_it_came_from(delivery: Delivery) -> None:
    header: list[object] = ["order_id", "user_id", "total_amount"]
    text = delivery.add("a.csv", "order_id,user_id,total_amount\n1,7,5\n\n2,7,5\n")
    book = delivery.add(
        "b.xlsx", workbook(one=[header, [3, 7, 5]], two=[header, [None] * 3, [4, 7, 5]]).read()
    )
    text_hash, book_hash = (file.sha256 for file in delivery.files)

    rows = delivery.parsed("order_id", "_source_file", "_source_sheet", "_source_row", "_source_hash")
    assert [tuple(row.values()) for row in rows] == [
        ("1", text, "", "2", text_hash),
        ("2", text, "", "4", text_hash),
        ("3", book, "one", "2", book_hash),
        ("4", book, "two", "3", book_hash),
    ]
    # 01:30 at +02:00; the JVM of these tests is in India.
    times = {"_delivered_at": "2025-04-01 23:30:00", "_ingested_at": "2025-04-02 05:00:00.25"}
    assert delivery.parsed(*times) == [times] * 4


def test_a_column_that_a_file_lacks_is_named(delivery: Delivery) -> None:
    delivery.add("a.csv", "order_id,user_id,total_amount\n1,7,5\n")
    delivery.add("b.csv", "ORDER_ID\n2\n")
    delivery.add("c.csv", "order_id,user_id,total_amount\n3\n")

    assert delivery.parsed("order_id", "user_id", "_missing_columns") == [
        {"order_id": "1", "user_id": "7", "_missing_columns": None},
        {"order_id": "2", "user_id": None, "_missing_columns": "user_id, total_amount"},
        # A short row has the columns, without values.
        {"order_id": "3", "user_id": None, "_missing_columns": None},
    ]


def test_what_no_column_names_is_kept(delivery: Delivery) -> None:
    delivery.add("a.csv", "order_id,user_id,total_amount,coupon\n1,7,5,SPRING\n2,7,5,,extra\n")
    delivery.add("b.csv", "order_id,user_id,total_amount\n3,7,5\n")

    kept = [row["_unexpected_columns"] for row in delivery.parsed("_unexpected_columns")]
    assert [json.loads(text) if text else None for text in kept] == [
        {"coupon": "SPRING"},
        {"coupon": "", "column 5": "extra"},
        None,
    ]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("b.csv", b"", "the file is empty"),
        ("b.csv", b"order_id,order_id\n1,2\n", "row 1 gives columns 1 and 2 the same name"),
        ("b.xlsx", b"PK\x03\x04 but no workbook", "not a readable workbook"),
        ("b.parquet", b"PAR1", "the name ends in 'parquet': deliver .csv"),
    ],
)
def test_an_unreadable_file_says_why_and_the_others_load(
    delivery: Delivery, name: str, content: bytes, reason: str
) -> None:
    delivery.add("a.csv", "order_id,user_id,total_amount\n1,7,5\n")
    unreadable = delivery.add(name, content)
    delivery.add("c.csv", "order_id,user_id,total_amount\n3,7,5\n")

    first, failed, last = delivery.parsed("order_id", "_unreadable", "_source_file", "_source_hash")

    assert (first["order_id"], first["_unreadable"]) == ("1", None)
    assert (last["order_id"], last["_unreadable"]) == ("3", None)
    assert failed["order_id"] is None
    assert str(failed["_unreadable"]).startswith(reason)
    assert (failed["_source_file"], failed["_source_hash"]) == (unreadable, delivery.files[1].sha256)


def test_a_file_that_breaks_off_says_where(delivery: Delivery) -> None:
    delivery.add("a.csv", b"order_id,user_id,total_amount\n1,7,5\n2,\xff,5\n")

    assert sorted(map(str, (row["_unreadable"] for row in delivery.parsed("_unreadable")))) == [
        "None",
        "line 3 is not UTF-8: invalid start byte; save the file as UTF-8 and deliver it again",
    ]


def test_more_rows_than_a_batch(delivery: Delivery) -> None:
    delivery.add("a.csv", "order_id,user_id,total_amount\n" + "".join(f"{n},7,5\n" for n in range(10_001)))

    rows = delivery.parsed("order_id", "_source_row")
    assert rows == [{"order_id": str(n), "_source_row": str(n + 2)} for n in range(10_001)]


def test_a_header_alone_is_no_row(delivery: Delivery) -> None:
    delivery.add("a.csv", "order_id,user_id,total_amount\n")

    assert delivery.parsed() == []


def test_a_sheets_drift_is_told_once(delivery: Delivery) -> None:
    delivery.add("a.csv", "user_id,order_id,coupon\n7,1,SPRING\n7,2,\n")
    header: list[object] = ["order_id", "user_id", "total_amount"]
    delivery.add(
        "b.xlsx", workbook(same=[header, [3, 7, 5]], wide=[[*header, "note"], [4, 7, 5, "x"]]).read()
    )

    told = [row["_drift"] for row in delivery.parsed("_drift")]

    assert [json.loads(text) if text else None for text in told] == [
        {"added": ["coupon"], "removed": ["total_amount"], "reordered": True},
        None,
        None,
        {"added": ["note"], "removed": [], "reordered": False},
    ]


def test_a_header_that_the_policy_refuses_has_no_row(delivery: Delivery) -> None:
    delivery.add("a.csv", "order_id,user_id,total_amount\n1,7,5\n")
    delivery.add("b.csv", "order_id,user_id,total\n2,7,5\n")
    header: list[object] = ["order_id", "user_id", "total_amount"]
    delivery.add("c.xlsx", workbook(right=[header], wrong=[["user_id"], [7]]).read())

    kept, text, book = delivery.parsed("order_id", "_unreadable", policy="strict")

    assert kept == {"order_id": "1", "_unreadable": None}
    assert (text["order_id"], book["order_id"]) == (None, None)
    assert str(text["_unreadable"]).startswith("row 1 lacks 'total_amount' and adds 'total' (")
    assert str(book["_unreadable"]).startswith("sheet 'wrong': row 1 lacks 'order_id', 'total_amount', which")


def test_what_may_be_missing_is_no_fault_of_a_row(delivery: Delivery) -> None:
    delivery.add("a.csv", "order_id,coupon\n1,SPRING\n")
    delivery.add("b.csv", "user_id\n7\n")

    good, bad = delivery.parsed(
        "order_id", "_missing_columns", "_unexpected_columns", "_unreadable", policy="evolve"
    )

    assert good == {
        "order_id": "1",
        "_missing_columns": None,
        "_unexpected_columns": '{"coupon": "SPRING"}',
        "_unreadable": None,
    }
    assert str(bad["_unreadable"]).startswith("row 1 lacks 'order_id', which the policy 'evolve' refuses")


def test_naughty_strings_reach_bronze_as_they_came(delivery: Delivery) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["order_id", "user_id", "note"])
    writer.writerows([number, each, each] for number, each in enumerate(NAUGHTY))
    delivery.add("a.csv", text.getvalue())

    rows = {row["order_id"]: row for row in delivery.parsed("order_id", "user_id", "_unexpected_columns")}

    for number, each in enumerate(NAUGHTY):
        row = rows[str(number)]
        assert row["user_id"] == each
        assert json.loads(str(row["_unexpected_columns"])) == {"note": each}
    assert len(rows) == len(NAUGHTY)


def test_long_rows_come_in_batches_of_their_own(delivery: Delivery) -> None:
    long = "x" * 9_000_000
    delivery.add("a.csv", "order_id,user_id,total_amount\n" + f"1,{long},5\n" * 5)

    assert [len(row["user_id"] or "") for row in delivery.parsed("user_id")] == [9_000_000] * 5
