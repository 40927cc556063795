"""Queries from start to result, through boto3."""

import time
import uuid
from collections.abc import Callable
from typing import Any

import boto3
import pyarrow as pa
import pytest
from botocore.exceptions import ClientError
from deltalake import write_deltalake

pytestmark = pytest.mark.stack

Query = Callable[..., dict[str, Any]]
Rows = Callable[..., list[list[str | None]]]
RESULTS = "s3://lake/results/"
LOCATION = "s3://lake/shop/orders"


@pytest.fixture(scope="module", autouse=True)
def _tables(shop: None) -> None:
    pass


def test_query_waits_queued_for_the_engine_and_succeeds(rows: Rows) -> None:
    assert rows("SELECT 1 AS one, 'x' AS text") == [["one", "text"], ["1", "x"]]


def test_each_type_has_athenas_text(rows: Rows) -> None:
    assert rows("SELECT * FROM orders ORDER BY order_id") == [
        ["order_id", "user_id", "amount", "placed", "is_paid", "note", "share", "tags", "date"],
        ["1", "7", "10.50", "2025-04-01 11:27:00.000 UTC", "true", 'say "hi"', "0.1", "[a, b]", "2025-04-01"],
        ["2", "7", "0.06", "2025-04-01 00:00:00.000 UTC", "false", "", "1.0E7", "[]", "2025-04-01"],
        ["3", "8", None, None, None, None, None, None, "2025-04-02"],
    ]


def test_column_info_names_the_types(athena: Any, run: Query) -> None:
    query_id = run("SELECT order_id, amount, placed, note, share, is_paid, tags, date FROM orders")[
        "QueryExecutionId"
    ]
    metadata = athena.get_query_results(QueryExecutionId=query_id)["ResultSet"]["ResultSetMetadata"]
    described = [(c["Name"], c["Type"], c["Precision"], c["Scale"]) for c in metadata["ColumnInfo"]]
    assert described == [
        ("order_id", "bigint", 19, 0),
        ("amount", "decimal", 18, 2),
        ("placed", "timestamp with time zone", 3, 0),
        ("note", "varchar", 2147483647, 0),
        ("share", "double", 17, 0),
        ("is_paid", "boolean", 0, 0),
        ("tags", "array", 0, 0),
        ("date", "date", 0, 0),
    ]


def test_result_file_tells_null_from_empty(run: Query) -> None:
    execution = run("SELECT order_id, note FROM orders ORDER BY 1")
    query_id = execution["QueryExecutionId"]
    assert execution["ResultConfiguration"]["OutputLocation"] == f"{RESULTS}{query_id}.csv"
    s3 = boto3.client("s3")
    body = s3.get_object(Bucket="lake", Key=f"results/{query_id}.csv")["Body"].read()
    assert body == b'"order_id","note"\n"1","say ""hi"""\n"2",""\n"3",\n'
    assert s3.head_object(Bucket="lake", Key=f"results/{query_id}.csv.metadata")["ContentLength"] > 0


def test_partitions_are_pruned_and_aggregated(rows: Rows, run: Query) -> None:
    sql = "SELECT date, count(*) AS n, sum(amount) AS total FROM orders GROUP BY date ORDER BY date"
    assert rows(sql)[1:] == [["2025-04-01", "2", "10.56"], ["2025-04-02", "1", None]]
    whole = run("SELECT amount FROM orders")["Statistics"]["DataScannedInBytes"]
    part = run("SELECT amount FROM orders WHERE date = DATE '2025-04-02'")["Statistics"]["DataScannedInBytes"]
    assert 0 < part < whole


def test_empty_table_has_only_the_header(rows: Rows) -> None:
    assert rows("SELECT order_id, amount FROM returns") == [["order_id", "amount"]]


def test_view_over_delta(rows: Rows, run: Query) -> None:
    created = run(
        "CREATE OR REPLACE VIEW paid AS SELECT order_id, amount * 2 AS twice FROM shop.orders WHERE is_paid"
    )
    assert (created["StatementType"], created["SubstatementType"]) == ("DDL", "CREATE_VIEW")
    assert rows("SELECT * FROM paid") == [["order_id", "twice"], ["1", "21.00"]]
    view = boto3.client("glue").get_table(DatabaseName="shop", Name="paid")["Table"]
    assert view["TableType"] == "VIRTUAL_VIEW"
    assert view["ViewOriginalText"].startswith("/* Presto View: ")
    columns = [(column["Name"], column["Type"]) for column in view["StorageDescriptor"]["Columns"]]
    assert columns == [("order_id", "bigint"), ("twice", "decimal(28,2)")]
    assert rows("SHOW CREATE VIEW paid")[0] == ["CREATE VIEW awsdatacatalog.shop.paid AS"]
    assert rows("DESCRIBE paid") == [["order_id\tbigint"], ["twice\tdecimal(28,2)"]]
    assert run("DROP VIEW paid")["Status"]["State"] == "SUCCEEDED"
    assert rows("SHOW VIEWS IN shop") == []


def test_a_later_commit_is_seen_at_once(
    rows: Rows, run: Query, storage: dict[str, str], orders: pa.Table
) -> None:
    write_deltalake("s3://lake/shop/log", orders.slice(0, 1), storage_options=storage)
    run("CREATE EXTERNAL TABLE log LOCATION 's3://lake/shop/log' TBLPROPERTIES ('table_type'='DELTA')")
    assert rows("SELECT count(*) FROM log")[1] == ["1"]
    write_deltalake("s3://lake/shop/log", orders.slice(1, 2), mode="append", storage_options=storage)
    assert rows("SELECT count(*) FROM log")[1] == ["3"]


def test_table_of_the_catalog_is_what_spark_and_trino_read() -> None:
    table = boto3.client("glue").get_table(DatabaseName="shop", Name="orders")["Table"]
    assert table["Parameters"]["spark.sql.sources.provider"] == "delta"
    assert table["StorageDescriptor"]["SerdeInfo"]["Parameters"]["path"] == LOCATION
    columns = {column["Name"]: column["Type"] for column in table["StorageDescriptor"]["Columns"]}
    assert columns == {
        "order_id": "bigint",
        "user_id": "int",
        "amount": "decimal(18,2)",
        "placed": "timestamp",
        "is_paid": "boolean",
        "note": "string",
        "share": "double",
        "tags": "array<string>",
        "date": "date",
    }


@pytest.mark.parametrize(
    ("sql", "reason", "error_type"),
    [
        ("SELECT nope FROM orders", "COLUMN_NOT_FOUND: line 1:8: Column 'nope' cannot be resolved", 1006),
        (
            "SELECT * FROM nope",
            "TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.shop.nope' does not exist",
            1301,
        ),
        ("SELECT 1 / 0", "DIVISION_BY_ZERO: Division by zero", 1001),
        ("DROP TABLE nope", "FAILED: SemanticException [Error 10001]: Table not found shop.nope", 1006),
        (
            "DROP DATABASE nope",
            "FAILED: SemanticException [Error 10072]: Database does not exist: nope",
            1006,
        ),
    ],
)
def test_failure_says_why(run: Query, sql: str, reason: str, error_type: int) -> None:
    status = run(sql)["Status"]
    assert status["State"] == "FAILED"
    assert status["StateChangeReason"] == reason
    assert status["AthenaError"] == {
        "ErrorCategory": 2,
        "ErrorType": error_type,
        "Retryable": False,
        "ErrorMessage": reason,
    }


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO orders SELECT * FROM orders",
        "DELETE FROM shop.orders WHERE order_id = 1",
        'UPDATE "shop"."orders" SET note = NULL',
        "/* tidy */ MERGE INTO orders o USING returns r ON o.order_id = r.order_id WHEN MATCHED THEN DELETE",
    ],
)
def test_delta_is_read_only(run: Query, rows: Rows, sql: str) -> None:
    status = run(sql)["Status"]
    assert status["State"] == "FAILED"
    assert status["StateChangeReason"].startswith("NOT_SUPPORTED: ")
    assert status["AthenaError"]["ErrorType"] == 1200
    assert rows("SELECT count(*) FROM orders")[1] == ["3"]


def test_delta_time_travel_is_refused(run: Query) -> None:
    status = run("SELECT * FROM orders FOR VERSION AS OF 0")["Status"]
    assert status["State"] == "FAILED"
    assert status["StateChangeReason"].startswith("NOT_SUPPORTED: ")


def test_syntax_error_is_refused_at_the_start(run: Query) -> None:
    with pytest.raises(ClientError, match="line 2:1: mismatched input 'SELECT'") as refused:
        run("SELECT 1,\nSELECT 2")
    assert refused.value.response["Error"]["Code"] == "InvalidRequestException"


@pytest.mark.parametrize("sql", ["USE shop", "SET SESSION query_max_run_time = '1h'", "START TRANSACTION"])
def test_statements_that_only_the_engine_knows_are_refused(run: Query, sql: str) -> None:
    with pytest.raises(ClientError, match="Queries of this type are not supported"):
        run(sql)


def test_two_statements_are_refused(run: Query) -> None:
    with pytest.raises(ClientError, match="Only one sql statement is allowed"):
        run("SELECT 1; SELECT 2")


def test_location_without_delta_log_fails(run: Query) -> None:
    sql = "CREATE EXTERNAL TABLE ghost LOCATION 's3://lake/shop/ghost/' TBLPROPERTIES ('table_type'='DELTA')"
    assert "s3://lake/shop/ghost/" in run(sql)["Status"]["StateChangeReason"]


@pytest.mark.conforms(
    "athena:GetQueryResults",
    "athena/latest/APIReference/API_GetQueryResults.html",
    "The maximum number of results (rows) to return in this request.",
)
def test_pages_of_results(athena: Any, run: Query) -> None:
    text = "CASE WHEN n % 2 = 0 THEN U&'l\\00EFne\\000Abreak, \"q\"' END"
    sql = f"SELECT n, {text} AS t FROM UNNEST(sequence(1, 25)) AS x(n) ORDER BY n"
    query_id = run(sql)["QueryExecutionId"]
    pages = athena.get_paginator("get_query_results").paginate(
        QueryExecutionId=query_id, PaginationConfig={"PageSize": 10}
    )
    sizes, values = [], []
    for page in pages:
        sizes.append(len(page["ResultSet"]["Rows"]))
        values += [[c.get("VarCharValue") for c in row["Data"]] for row in page["ResultSet"]["Rows"]]
    assert sizes == [10, 10, 6]
    assert values[0] == ["n", "t"]
    assert values[1:] == [[str(n), None if n % 2 else 'l\u00efne\nbreak, "q"'] for n in range(1, 26)]


@pytest.mark.conforms(
    "athena:StartQueryExecution",
    "athena/latest/APIReference/API_StartQueryExecution.html",
    "The values are applied sequentially to the parameters in the query in the order in "
    "which the parameters occur.",
)
def test_parameters_are_bound_as_athena_binds_them(rows: Rows) -> None:
    answer = rows(
        "SELECT ? + 1, ?, ?, ?", ExecutionParameters=["41", "'x'", "it's text", "DATE '2025-04-01'"]
    )
    assert answer[1] == ["42", "x", "it's text", "2025-04-01"]


@pytest.mark.conforms(
    "athena:StartQueryExecution",
    "athena/latest/APIReference/API_StartQueryExecution.html",
    "If another StartQueryExecution request is received, the same response is returned and "
    "another query is not created.",
)
def test_token_makes_the_start_idempotent(athena: Any) -> None:
    request = {
        "QueryString": "SELECT 1",
        "ResultConfiguration": {"OutputLocation": RESULTS},
        "ClientRequestToken": str(uuid.uuid4()),
    }
    first = athena.start_query_execution(**request)["QueryExecutionId"]
    assert athena.start_query_execution(**request)["QueryExecutionId"] == first
    with pytest.raises(ClientError, match="Idempotent parameters do not match"):
        athena.start_query_execution(**{**request, "QueryString": "SELECT 2"})


@pytest.mark.conforms(
    "athena:StopQueryExecution",
    "athena/latest/APIReference/API_StopQueryExecution.html",
    "Stops a query execution.",
)
def test_stop_cancels(athena: Any) -> None:
    query_id = athena.start_query_execution(
        QueryString="SELECT count(*) FROM UNNEST(sequence(1, 9000)) a(x), UNNEST(sequence(1, 9000)) b(y), "
        "UNNEST(sequence(1, 9000)) c(z) WHERE x * y % 7 = z % 5",
        ResultConfiguration={"OutputLocation": RESULTS},
    )["QueryExecutionId"]
    state = "QUEUED"
    while state == "QUEUED":
        time.sleep(0.05)
        state = athena.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]["Status"]["State"]
    assert state == "RUNNING"
    athena.stop_query_execution(QueryExecutionId=query_id)
    status = athena.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]["Status"]
    assert (status["State"], status["StateChangeReason"]) == ("CANCELLED", "Query cancelled by user")
    with pytest.raises(ClientError, match="Could not find results"):
        athena.get_query_results(QueryExecutionId=query_id)


def test_lists_and_batches(athena: Any, run: Query) -> None:
    newest = run("SELECT 1")["QueryExecutionId"]
    listed = athena.list_query_executions(MaxResults=2)
    assert listed["QueryExecutionIds"][0] == newest
    assert len(listed["QueryExecutionIds"]) == 2
    following = athena.list_query_executions(MaxResults=2, NextToken=listed["NextToken"])["QueryExecutionIds"]
    assert not set(following) & set(listed["QueryExecutionIds"])
    batch = athena.batch_get_query_execution(QueryExecutionIds=[newest, "no-such-query"])
    assert [query["QueryExecutionId"] for query in batch["QueryExecutions"]] == [newest]
    assert [query["QueryExecutionId"] for query in batch["UnprocessedQueryExecutionIds"]] == ["no-such-query"]


@pytest.mark.conforms(
    "athena:GetQueryExecution",
    "athena/latest/APIReference/API_QueryExecutionStatistics.html",
    "The number of milliseconds that the query was in your query queue waiting for resources.",
    differs="four queries run at once, whatever they need; no query is too many",
)
def test_fifty_queries_queue_and_all_end(athena: Any) -> None:
    ids = [
        athena.start_query_execution(
            QueryString=f"SELECT {n} AS n", ResultConfiguration={"OutputLocation": RESULTS}
        )["QueryExecutionId"]
        for n in range(50)
    ]
    deadline = time.monotonic() + 120
    pending = set(ids)
    while pending and time.monotonic() < deadline:
        batch = athena.batch_get_query_execution(QueryExecutionIds=sorted(pending))["QueryExecutions"]
        pending -= {q["QueryExecutionId"] for q in batch if q["Status"]["State"] == "SUCCEEDED"}
    assert not pending
    values = [
        athena.get_query_results(QueryExecutionId=i)["ResultSet"]["Rows"][1]["Data"][0]["VarCharValue"]
        for i in ids
    ]
    assert values == [str(n) for n in range(50)]
    ended = athena.batch_get_query_execution(QueryExecutionIds=ids)["QueryExecutions"]
    assert max(query["Statistics"]["QueryQueueTimeInMillis"] for query in ended) > 0


def test_runtime_statistics(athena: Any, run: Query) -> None:
    query_id = run("SELECT * FROM orders")["QueryExecutionId"]
    statistics = athena.get_query_runtime_statistics(QueryExecutionId=query_id)["QueryRuntimeStatistics"]
    assert statistics["Rows"]["OutputRows"] == 3
    assert statistics["Rows"]["InputBytes"] > 0
