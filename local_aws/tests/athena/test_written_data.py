"""Data files that Athena writes: CTAS, INSERT INTO and UNLOAD, with the manifests that list them."""

import gzip
import io
import json
from collections.abc import Callable
from typing import Any

import boto3
import pyarrow.parquet as pq
import pytest

pytestmark = pytest.mark.stack

Query = Callable[..., dict[str, Any]]
Rows = Callable[..., list[list[str | None]]]


@pytest.fixture(autouse=True)
def _tables(shop: None) -> None:
    pass


def bodies(execution: dict[str, Any]) -> dict[str, bytes]:
    """Each file that a query's manifest lists."""
    s3 = boto3.client("s3")

    def read(uri: str) -> bytes:
        bucket, key = uri.removeprefix("s3://").split("/", 1)
        return bytes(s3.get_object(Bucket=bucket, Key=key)["Body"].read())

    manifest = read(execution["Statistics"]["DataManifestLocation"]).decode()
    return {uri: read(uri) for uri in manifest.split()}


@pytest.mark.conforms(
    "athena:GetQueryExecution",
    "athena/latest/APIReference/API_QueryExecutionStatistics.html",
    "The manifest file tracks files that the query wrote to Amazon S3.",
    differs="of a query that fails there is none",
)
def test_insert_lists_only_its_own_files(succeed: Query, rows: Rows) -> None:
    succeed(
        "CREATE TABLE kept WITH (format='PARQUET', partitioned_by=ARRAY['date']) AS SELECT order_id, date FROM orders"
    )
    execution = succeed("INSERT INTO kept VALUES (9, DATE '2025-04-01'), (10, DATE '2025-06-01')")
    assert (execution["StatementType"], execution["SubstatementType"]) == ("DML", "INSERT")
    files = bodies(execution)
    assert sum(pq.read_table(io.BytesIO(body)).num_rows for body in files.values()) == 2
    assert sorted(uri.split("/")[-2] for uri in files) == ["date=2025-04-01", "date=2025-06-01"]
    assert rows("SELECT count(*) FROM kept")[1] == ["5"]
    assert ["date=2025-06-01"] in rows("SHOW PARTITIONS kept")


def test_ctas_binds_parameters(succeed: Query, rows: Rows) -> None:
    succeed("CREATE TABLE bound AS SELECT order_id FROM orders WHERE order_id > ?", ExecutionParameters=["1"])
    assert rows("SELECT count(*) FROM bound")[1] == ["2"]


@pytest.mark.conforms(
    "athena:StartQueryExecution",
    "athena/latest/ug/create-table-as.html",
    "If you run a CTAS query that specifies an external_location in a workgroup that enforces a query results "
    "location, the query fails with an error message.",
)
def test_ctas_takes_no_place_of_its_own_where_the_work_group_says_it(athena: Any, run: Query) -> None:
    athena.create_work_group(
        Name="central",
        Configuration={
            "ResultConfiguration": {"OutputLocation": "s3://lake/central/"},
            "EnforceWorkGroupConfiguration": True,
        },
    )
    sql = "CREATE TABLE placed WITH (external_location='s3://lake/placed/') AS SELECT 1 AS n"
    reason = run(sql, WorkGroup="central")["Status"]["StateChangeReason"]
    assert "enforces a centralized output location" in reason


@pytest.mark.conforms(
    "athena:StartQueryExecution",
    "athena/latest/ug/other-notable-limitations.html",
    "The maximum number of partitions you can create with CREATE TABLE AS SELECT (CTAS) statements is 100.",
)
def test_ctas_makes_a_hundred_partitions_and_no_more(run: Query) -> None:
    query = "SELECT n, n AS p FROM UNNEST(sequence(1, 101)) t(n)"
    status = run(f"CREATE TABLE wide WITH (partitioned_by=ARRAY['p']) AS {query}")["Status"]
    assert "Exceeded limit of 100 open writers for partitions" in status["StateChangeReason"]


@pytest.mark.conforms(
    "athena:StartQueryExecution",
    "athena/latest/ug/unload.html",
    "Writes query results from a SELECT statement to the specified data format.",
)
@pytest.mark.conforms(
    "athena:StartQueryExecution",
    "athena/latest/ug/unload.html",
    "The manifest tracks the files that the query wrote.",
)
def test_unload_writes_json_and_leaves_no_table(succeed: Query, rows: Rows) -> None:
    before = rows("SHOW DATABASES")
    query = "SELECT order_id, note FROM orders WHERE order_id < ?"
    execution = succeed(
        f"UNLOAD ({query}) TO 's3://lake/out/json/' WITH (format = 'JSON')", ExecutionParameters=["3"]
    )
    assert (execution["StatementType"], execution["SubstatementType"]) == ("DML", "UNLOAD")
    lines = [line for body in bodies(execution).values() for line in gzip.decompress(body).splitlines()]
    told = sorted((json.loads(line) for line in lines), key=lambda row: row["order_id"])
    assert told == [{"order_id": 1, "note": 'say "hi"'}, {"order_id": 2, "note": ""}]
    assert rows("SHOW DATABASES") == before


@pytest.mark.conforms(
    "athena:StartQueryExecution",
    "athena/latest/ug/unload.html",
    "If you do not specify a field delimiter, the octal character 001 (^A) is used.",
)
def test_unload_writes_text_in_partitions(succeed: Query) -> None:
    query = "SELECT order_id, user_id, date FROM orders WHERE order_id < 3"
    options = "format = 'TEXTFILE', partitioned_by = ARRAY['date']"
    plain = bodies(succeed(f"UNLOAD ({query}) TO 's3://lake/out/text/' WITH ({options})"))
    assert all("/date=2025-04-01/" in uri for uri in plain)
    assert b"".join(sorted(gzip.decompress(body) for body in plain.values())) in {
        b"1\x017\n2\x017\n",
        b"2\x017\n1\x017\n",
    }
    comma = bodies(
        succeed(f"UNLOAD ({query}) TO 's3://lake/out/comma/' WITH ({options}, field_delimiter = ',')")
    )
    assert sorted(b"".join(gzip.decompress(body) for body in comma.values()).split()) == [b"1,7", b"2,7"]


@pytest.mark.conforms(
    "athena:StartQueryExecution",
    "athena/latest/ug/unload.html",
    "Optional. This option is specific to the ORC and Parquet formats. For ORC, the default is zlib, and for Parquet, "
    "the default is gzip.",
)
@pytest.mark.conforms(
    "athena:StartQueryExecution",
    "athena/latest/ug/unload.html",
    "The TO destination must specify a location in Amazon S3 that has no data.",
)
def test_unload_compresses_and_overwrites_nothing(run: Query, succeed: Query) -> None:
    sql = "UNLOAD (SELECT order_id FROM orders) TO 's3://lake/out/parquet{}/' WITH (format = 'PARQUET'{})"
    for number, (option, codec) in enumerate([("", "GZIP"), (", compression = 'SNAPPY'", "SNAPPY")]):
        (body, *_) = bodies(succeed(sql.format(number, option))).values()
        assert pq.ParquetFile(io.BytesIO(body)).metadata.row_group(0).column(0).compression == codec
    assert "HIVE_PATH_ALREADY_EXISTS" in run(sql.format(0, ""))["Status"]["StateChangeReason"]


def test_unload_without_a_format_fails(run: Query) -> None:
    status = run("UNLOAD (SELECT 1 AS n) TO 's3://lake/out/none/' WITH (compression = 'SNAPPY')")["Status"]
    assert "format must be one of" in status["StateChangeReason"]
