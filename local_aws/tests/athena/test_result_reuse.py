"""Results that are reused, and queries that may read no more than their work group allows."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest

pytestmark = pytest.mark.stack

Query = Callable[..., dict[str, Any]]
Rows = Callable[..., list[list[str | None]]]
AGE: dict[str, Any] = {"ResultReuseConfiguration": {"ResultReuseByAgeConfiguration": {"Enabled": True}}}


@pytest.fixture(scope="module")
def numbers(succeed: Query, shop: None) -> str:
    """A Hive table of three rows."""
    succeed("CREATE TABLE counted_twice AS SELECT order_id AS n FROM orders")
    return "counted_twice"


def reused(execution: dict[str, Any]) -> bool:
    return bool(execution["Statistics"]["ResultReuseInformation"]["ReusedPreviousResult"])


@pytest.mark.conforms(
    "athena:GetQueryExecution",
    "athena/latest/APIReference/API_ResultReuseInformation.html",
    "True if a previous query result was reused; false if the result was generated from a new run of the query.",
)
@pytest.mark.conforms(
    "athena:StartQueryExecution",
    "athena/latest/ug/reusing-query-results.html",
    "Potentially stale results can be returned.",
)
def test_the_latest_result_of_the_same_query_is_reused(
    numbers: str, athena: Any, succeed: Query, rows: Rows
) -> None:
    sql = "SELECT count(*) AS n FROM counted_twice"
    first = succeed(sql)
    succeed("INSERT INTO counted_twice VALUES (4)")
    again = succeed(sql, **AGE)
    assert (reused(first), reused(again)) == (False, True)
    assert again["ResultConfiguration"]["OutputLocation"] == first["ResultConfiguration"]["OutputLocation"]
    assert again["Statistics"]["DataScannedInBytes"] == 0
    answer = athena.get_query_results(QueryExecutionId=again["QueryExecutionId"])["ResultSet"]
    assert answer["Rows"][1]["Data"] == [{"VarCharValue": "3"}]
    assert not reused(succeed(sql))
    assert rows(sql, **AGE)[1] == ["4"]


@pytest.mark.conforms(
    "athena:StartQueryExecution",
    "athena/latest/ug/reusing-query-results.html",
    "The query string is an exact match.",
)
@pytest.mark.conforms(
    "athena:StartQueryExecution",
    "athena/latest/ug/reusing-query-results.html",
    "Queries that use non-deterministic operators or functions like rand() or shuffle() do not used cached results.",
)
@pytest.mark.conforms(
    "athena:StartQueryExecution",
    "athena/latest/ug/reusing-query-results.html",
    "Any query that references an unsupported table is not eligible for query result reuse.",
)
@pytest.mark.parametrize(
    ("first", "again"),
    [
        ("SELECT max(n) FROM counted_twice", "SELECT  max(n) FROM counted_twice"),
        ("SELECT n, rand() FROM counted_twice", "SELECT n, rand() FROM counted_twice"),
        ("SELECT n FROM counted_twice LIMIT 1", "SELECT n FROM counted_twice LIMIT 1"),
        ("SELECT count(*) FROM orders", "SELECT count(*) FROM orders"),
    ],
    ids=["other text", "rand", "limit without order", "delta"],
)
def test_what_may_not_be_reused_is_run(numbers: str, succeed: Query, first: str, again: str) -> None:
    succeed(first)
    assert not reused(succeed(again, **AGE))


def test_an_old_result_is_not_reused(numbers: str, succeed: Query) -> None:
    sql = "SELECT min(n) FROM counted_twice"
    succeed(sql)
    none = {
        "ResultReuseConfiguration": {"ResultReuseByAgeConfiguration": {"Enabled": True, "MaxAgeInMinutes": 0}}
    }
    assert not reused(succeed(sql, **none))


@pytest.mark.conforms(
    "athena:CreateWorkGroup",
    "athena/latest/APIReference/API_WorkGroupConfiguration.html",
    "The upper data usage limit (cutoff) for the amount of bytes a single query in a workgroup is allowed to scan.",
)
@pytest.mark.conforms(
    "athena:StartQueryExecution",
    "athena/latest/ug/workgroups-setting-control-limits-cloudwatch.html",
    "If any query that runs in the workgroup exceeds the limit, it is canceled.",
    differs="what is read within the first second is counted when the query has ended",
)
def test_a_query_that_reads_too_much_is_cancelled(
    shop: None, athena: Any, run: Query, succeed: Query
) -> None:
    line = "x" * 99 + "\n"
    boto3.client("s3").put_object(Bucket="lake", Key="shop/large/data", Body=line.encode() * 110_000)
    succeed("CREATE EXTERNAL TABLE large (text string) LOCATION 's3://lake/shop/large/'")
    athena.create_work_group(
        Name="thrifty",
        Configuration={
            "ResultConfiguration": {"OutputLocation": "s3://lake/thrifty/"},
            "BytesScannedCutoffPerQuery": 10_000_000,
        },
    )
    status = run("SELECT max(text) FROM large", WorkGroup="thrifty")["Status"]
    assert (status["State"], status["StateChangeReason"]) == ("CANCELLED", "Bytes scanned limit was exceeded")
    succeed("SELECT max(text) FROM large")
    succeed("SELECT count(*) FROM orders", WorkGroup="thrifty")
