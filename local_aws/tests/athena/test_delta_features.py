"""Delta tables whose protocol has features that Athena does not list."""

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest

pytestmark = pytest.mark.stack

Query = Callable[..., dict[str, Any]]


@pytest.fixture(autouse=True)
def _tables(shop: None) -> None:
    pass


def require(features: list[str], folder: str) -> None:
    """Copy the table ``orders`` and let its protocol require features."""
    s3 = boto3.client("s3")
    for item in s3.list_objects_v2(Bucket="lake", Prefix="shop/orders/")["Contents"]:
        name = item["Key"].removeprefix("shop/orders/")
        s3.copy_object(
            Bucket="lake", Key=f"shop/{folder}/{name}", CopySource={"Bucket": "lake", "Key": item["Key"]}
        )
    protocol = {
        "minReaderVersion": 3,
        "minWriterVersion": 7,
        "readerFeatures": features,
        "writerFeatures": features,
    }
    body = json.dumps({"protocol": protocol}).encode()
    s3.put_object(Bucket="lake", Key=f"shop/{folder}/_delta_log/{1:020}.json", Body=body)


@pytest.mark.conforms(
    "athena:StartQueryExecution",
    "athena/latest/ug/delta-lake-tables.html",
    "Delta Lake reader protocol up to version 3 is supported.",
    differs="which features are is not listed; those that other versions of the page name are column mapping, "
    "deletion vectors and timestampNtz: tables that require another are refused",
)
def test_features_decide_who_may_read(run: Query, succeed: Query) -> None:
    ddl = "CREATE EXTERNAL TABLE {0} LOCATION 's3://lake/shop/{0}' TBLPROPERTIES ('table_type'='DELTA')"
    require(["timestampNtz"], "plain")
    succeed(ddl.format("plain"))
    succeed("SELECT count(*) FROM plain")
    require(["v2Checkpoint"], "modern")
    succeed(ddl.format("modern"))
    succeed("CREATE VIEW modern_view AS SELECT order_id FROM modern")
    for sql in (
        "SELECT count(*) FROM modern",
        "WITH o AS (SELECT * FROM modern_view) SELECT count(*) FROM o",
    ):
        status = run(sql)["Status"]
        assert status["State"] == "FAILED"
        assert (
            "shop.modern requires reader features that Athena does not list: v2Checkpoint"
            in status["StateChangeReason"]
        )
    succeed("DROP VIEW modern_view")


@pytest.mark.conforms(
    "athena:StartQueryExecution",
    "athena/latest/ug/delta-lake-tables.html",
    "There is no support for queries that use Delta Lake’s time travel capabilities.",
)
@pytest.mark.parametrize("clause", ["VERSION AS OF 0", "TIMESTAMP AS OF TIMESTAMP '2025-04-01 00:00:00 UTC'"])
def test_delta_has_no_past(run: Query, clause: str) -> None:
    status = run(f"SELECT * FROM orders FOR {clause}")["Status"]
    assert (status["State"], status["AthenaError"]["ErrorType"]) == ("FAILED", 1200)


def test_a_query_has_no_functions_of_its_own(run: Query) -> None:
    sql = "WITH FUNCTION twice(n integer) RETURNS integer RETURN n * 2 SELECT twice(2)"
    assert run(sql)["Status"]["StateChangeReason"] == "NOT_SUPPORTED: WITH FUNCTION is not supported"
