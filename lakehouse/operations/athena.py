"""Ask Athena: start a query, wait for it, read its rows."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import boto3

from lakehouse.address import query_results_uri
from lakehouse.settings import Settings

_POLL_SECONDS = 0.2
_ENDED = {"SUCCEEDED", "FAILED", "CANCELLED"}


class QueryError(RuntimeError):
    """Athena refused or failed a query; the message is Athena's reason."""


def is_of_no_table(error: QueryError) -> bool:
    """Whether a query failed because its table, or the database of it, is not there."""
    return "does not exist" in str(error)


@dataclass(frozen=True)
class Result:
    """Columns and rows as Athena prints them; None is null."""

    columns: list[str]
    rows: list[list[str | None]]


def query(sql: str, settings: Settings, database: str = "default", domain: str | None = None) -> Result:
    """Run one statement in the work group, with its result where the domain's results go; raises QueryError."""
    athena = boto3.client("athena", region_name=settings.region)
    place = query_results_uri(settings.buckets(domain)) if domain else None
    query_id = athena.start_query_execution(
        QueryString=sql,
        QueryExecutionContext={"Database": database},
        ResultConfiguration={"OutputLocation": place} if place else {},
        WorkGroup=settings.athena_work_group,
    )["QueryExecutionId"]
    execution = athena.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]
    while (status := execution["Status"])["State"] not in _ENDED:
        time.sleep(_POLL_SECONDS)
        execution = athena.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]
    if status["State"] != "SUCCEEDED":
        raise QueryError(status.get("StateChangeReason", status["State"]))
    columns, rows = _read(athena.get_paginator("get_query_results").paginate(QueryExecutionId=query_id))
    # Only a query's rows start with the header; those of SHOW and DESCRIBE do not.
    return Result(columns, rows[1:] if execution["StatementType"] == "DML" else rows)


def _read(pages: Iterable[Mapping[str, Any]]) -> tuple[list[str], list[list[str | None]]]:
    columns: list[str] = []
    rows: list[list[str | None]] = []
    for page in pages:
        result = page["ResultSet"]
        columns = [column["Name"] for column in result["ResultSetMetadata"]["ColumnInfo"]]
        rows += [[cell.get("VarCharValue") for cell in row.get("Data", ())] for row in result["Rows"]]
    return columns, rows
