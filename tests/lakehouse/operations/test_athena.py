"""Queries against moto's Athena, which answers with what a test has laid ready."""

from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto.athena.models import Execution, QueryResults, athena_backends

from lakehouse.operations import athena
from lakehouse.operations.athena import QueryError, Result, query
from lakehouse.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@pytest.fixture(autouse=True)
def work_group(lake: "S3Client", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(athena, "_POLL_SECONDS", 0.001)
    boto3.client("athena").create_work_group(Name="lakehouse")


def lay_ready(columns: list[str], *rows: list[str | None]) -> None:
    """The next query's answer; a None is a cell without a value."""
    cells = [{"Data": [{} if v is None else {"VarCharValue": v} for v in row]} for row in rows]
    info = [{"Name": name, "Type": "varchar"} for name in columns]
    athena_backends["123456789012"]["us-east-1"].query_results_queue.append(QueryResults(cells, info))


def executions() -> list[Any]:
    return list(athena_backends["123456789012"]["us-east-1"].executions.values())


def test_a_querys_first_row_is_its_header() -> None:
    lay_ready(["day", "sales"], ["day", "sales"], ["2025-04-01", "10.06"], ["2025-04-02", None])

    made = query("SELECT * FROM daily_sales", Settings(), "ecommerce_gold")

    assert made == Result(["day", "sales"], [["2025-04-01", "10.06"], ["2025-04-02", None]])
    (execution,) = executions()
    assert execution.query == "SELECT * FROM daily_sales"
    assert execution.context == {"Database": "ecommerce_gold"}
    assert execution.workgroup.name == "lakehouse"


def test_rows_of_show_have_no_header() -> None:
    lay_ready(["tab_name"], ["orders"], ["products"])

    assert query("SHOW TABLES IN ecommerce_silver", Settings()).rows == [["orders"], ["products"]]


def test_a_failed_query_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Execution, "status", property(lambda _: "FAILED"))

    with pytest.raises(QueryError, match="FAILED"):
        query("SELECT nothing", Settings())


def test_athenas_reason_is_the_message(monkeypatch: pytest.MonkeyPatch) -> None:
    class Refusing:
        def start_query_execution(self, **_: object) -> dict[str, str]:
            return {"QueryExecutionId": "1"}

        def get_query_execution(self, **_: object) -> dict[str, Any]:
            status = {"State": "CANCELLED", "StateChangeReason": "Query was cancelled by user"}
            return {"QueryExecution": {"Status": status}}

    monkeypatch.setattr("lakehouse.operations.athena.boto3.client", lambda *_args, **_options: Refusing())

    with pytest.raises(QueryError, match=r"^Query was cancelled by user$"):
        query("SELECT 1", Settings())
