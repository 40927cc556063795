"""DDL, SHOW, DESCRIBE, metadata calls and work groups, through boto3."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

pytestmark = pytest.mark.stack

Query = Callable[..., dict[str, Any]]
Rows = Callable[..., list[list[str | None]]]


@pytest.fixture(scope="module", autouse=True)
def _tables(shop: None) -> None:
    pass


def succeed(run: Query, sql: str, database: str = "shop") -> dict[str, Any]:
    execution = run(sql, database)
    assert execution["Status"]["State"] == "SUCCEEDED", execution["Status"]
    return execution


def test_show_lists_tables_and_databases(rows: Rows) -> None:
    assert ["shop"] in rows("SHOW DATABASES")
    assert rows("SHOW SCHEMAS LIKE 'sh.p'") == [["shop"]]
    assert rows("SHOW TABLES IN shop 'o*|ret*'") == [["orders"], ["returns"]]
    assert rows("SHOW TABLES LIKE 'orders'") == [["orders"]]
    assert rows("show tables in `shop` 'none*'") == []


def test_describe_has_hives_text(athena: Any, run: Query) -> None:
    execution = succeed(run, "DESCRIBE `shop`.`orders`")
    assert (execution["StatementType"], execution["SubstatementType"]) == ("UTILITY", "DESCRIBE_TABLE")
    result = athena.get_query_results(QueryExecutionId=execution["QueryExecutionId"])["ResultSet"]
    lines = [row["Data"][0]["VarCharValue"] for row in result["Rows"]]
    assert lines[:3] == [
        "order_id            \tbigint              \t                    ",
        "user_id             \tint                 \t                    ",
        "amount              \tdecimal(18,2)       \t                    ",
    ]
    assert [c["Name"] for c in result["ResultSetMetadata"]["ColumnInfo"]] == [
        "col_name",
        "data_type",
        "comment",
    ]
    key = f"results/{execution['QueryExecutionId']}.txt"
    body = boto3.client("s3").get_object(Bucket="lake", Key=key)["Body"].read().decode()
    assert body == "\n".join(lines)


def test_show_columns_are_padded(rows: Rows) -> None:
    assert rows("SHOW COLUMNS IN orders")[0] == ["order_id            "]
    assert rows("SHOW COLUMNS FROM orders FROM shop")[8] == ["date                "]


def test_show_create_table(rows: Rows) -> None:
    lines = [line for (line,) in rows("SHOW CREATE TABLE returns")]
    assert lines[0] == "CREATE EXTERNAL TABLE `shop.returns`("
    assert lines[-5:] == [
        "LOCATION",
        "  's3://lake/shop/returns'",
        "TBLPROPERTIES (",
        "  'spark.sql.sources.provider'='delta', ",
        "  'table_type'='DELTA')",
    ]


def test_parquet_and_csv_tables(run: Query, rows: Rows) -> None:
    succeed(
        run,
        "CREATE TABLE pairs WITH (format = 'PARQUET', write_compression = 'SNAPPY', "
        "external_location = 's3://lake/shop/pairs/') AS SELECT order_id, amount, note FROM orders",
    )
    assert rows("SELECT * FROM pairs ORDER BY 1") == [
        ["order_id", "amount", "note"],
        ["1", "10.50", 'say "hi"'],
        ["2", "0.06", ""],
        ["3", None, None],
    ]
    succeed(run, "DROP TABLE pairs")
    succeed(
        run,
        "CREATE EXTERNAL TABLE again (order_id bigint COMMENT 'key', amount decimal(18,2)) "
        "STORED AS PARQUET LOCATION 's3://lake/shop/pairs/'",
    )
    assert rows("SELECT sum(amount) FROM again") == [["_col0"], ["10.56"]]
    assert rows("DESCRIBE again")[0] == ["order_id            \tbigint              \tkey                 "]
    boto3.client("s3").put_object(Bucket="lake", Key="shop/csv/a.csv", Body=b"id,name\n1,a\n2,b\n")
    succeed(
        run,
        "CREATE EXTERNAL TABLE lines (id int, name string) ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' "
        "LOCATION 's3://lake/shop/csv/' TBLPROPERTIES ('skip.header.line.count'='1')",
    )
    assert rows("SELECT * FROM lines ORDER BY id DESC") == [["id", "name"], ["2", "b"], ["1", "a"]]


@pytest.mark.conforms(
    "athena:GetQueryResults",
    "athena/latest/APIReference/API_GetQueryResults.html",
    "The number of rows inserted with a CREATE TABLE AS SELECT, INSERT INTO, or UPDATE statement.",
)
def test_ctas_reports_count_and_manifest(athena: Any, run: Query) -> None:
    execution = succeed(run, "CREATE TABLE counted AS SELECT order_id FROM orders")
    assert (execution["StatementType"], execution["SubstatementType"]) == ("DDL", "CREATE_TABLE_AS_SELECT")
    result = athena.get_query_results(QueryExecutionId=execution["QueryExecutionId"])
    assert result["UpdateCount"] == 3
    bucket, key = execution["Statistics"]["DataManifestLocation"][5:].split("/", 1)
    s3 = boto3.client("s3")
    files = s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode().split()
    assert files
    for uri in files:
        bucket, key = uri[5:].split("/", 1)
        assert s3.head_object(Bucket=bucket, Key=key)["ContentLength"] > 0


def test_databases_are_created_and_dropped(run: Query, rows: Rows) -> None:
    succeed(run, "CREATE DATABASE `tmp-db` COMMENT 'for a test' LOCATION 's3://lake/tmp/'")
    assert boto3.client("glue").get_database(Name="tmp-db")["Database"]["LocationUri"] == "s3://lake/tmp/"
    again = run("CREATE SCHEMA `tmp-db`")["Status"]
    assert "AlreadyExistsException(message:Database tmp-db already exists.)" in again["StateChangeReason"]
    succeed(run, "CREATE SCHEMA IF NOT EXISTS `tmp-db`")
    succeed(run, 'CREATE VIEW "tmp-db"."one" AS SELECT 1 AS n')
    assert "is not empty" in run("DROP DATABASE `tmp-db`")["Status"]["StateChangeReason"]
    succeed(run, "DROP DATABASE `tmp-db` CASCADE")
    assert ["tmp-db"] not in rows("SHOW DATABASES")
    succeed(run, "DROP DATABASE IF EXISTS `tmp-db`")


def test_table_of_the_same_name_is_refused(run: Query) -> None:
    location = "LOCATION 's3://lake/shop/orders' TBLPROPERTIES ('table_type'='DELTA')"
    sql = f"CREATE EXTERNAL TABLE {{}} orders {location}"
    status = run(sql.format(""))["Status"]
    assert status["State"] == "FAILED"
    assert "AlreadyExistsException" in status["StateChangeReason"]
    succeed(run, sql.format("IF NOT EXISTS"))


def test_metadata_calls(athena: Any) -> None:
    catalog = athena.get_data_catalog(Name="AwsDataCatalog")["DataCatalog"]
    assert (catalog["Name"], catalog["Type"]) == ("AwsDataCatalog", "GLUE")
    assert "AwsDataCatalog" in [c["CatalogName"] for c in athena.list_data_catalogs()["DataCatalogsSummary"]]
    names = [d["Name"] for d in athena.list_databases(CatalogName="AwsDataCatalog")["DatabaseList"]]
    assert "shop" in names
    assert (
        athena.get_database(CatalogName="awsdatacatalog", DatabaseName="shop")["Database"]["Name"] == "shop"
    )
    table = athena.get_table_metadata(CatalogName="AwsDataCatalog", DatabaseName="shop", TableName="orders")
    assert table["TableMetadata"]["Parameters"]["location"] == "s3://lake/shop/orders"
    assert {"Name": "amount", "Type": "decimal(18,2)"} in table["TableMetadata"]["Columns"]
    listed = athena.list_table_metadata(CatalogName="AwsDataCatalog", DatabaseName="shop", Expression="or.*")
    assert [t["Name"] for t in listed["TableMetadataList"]] == ["orders"]


@pytest.mark.parametrize(
    ("call", "arguments"),
    [
        ("get_table_metadata", {"DatabaseName": "shop", "TableName": "nope"}),
        ("get_database", {"DatabaseName": "nope"}),
    ],
)
def test_missing_metadata_is_metadata_exception(athena: Any, call: str, arguments: dict[str, str]) -> None:
    with pytest.raises(ClientError, match="EntityNotFoundException") as missing:
        getattr(athena, call)(CatalogName="AwsDataCatalog", **arguments)
    assert missing.value.response["Error"]["Code"] == "MetadataException"


@pytest.mark.conforms(
    "athena:StartQueryExecution",
    "athena/latest/APIReference/API_StartQueryExecution.html",
    "If the query runs in a workgroup, then workgroup's settings may override query settings.",
)
def test_work_group_enforces_its_output_location(athena: Any) -> None:
    athena.create_work_group(
        Name="analysts",
        Configuration={
            "ResultConfiguration": {"OutputLocation": "s3://lake/analysts/"},
            "EnforceWorkGroupConfiguration": True,
        },
    )
    request = {"QueryString": "SHOW DATABASES", "WorkGroup": "analysts"}
    elsewhere = {"ResultConfiguration": {"OutputLocation": "s3://lake/mine/"}}

    def output() -> str:
        query_id = athena.start_query_execution(**request, **elsewhere)["QueryExecutionId"]
        execution = athena.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]
        assert execution["WorkGroup"] == "analysts"
        return str(execution["ResultConfiguration"]["OutputLocation"]).rsplit("/", 1)[0]

    assert output() == "s3://lake/analysts"
    athena.update_work_group(
        WorkGroup="analysts", ConfigurationUpdates={"EnforceWorkGroupConfiguration": False}
    )
    assert output() == "s3://lake/mine"
    athena.update_work_group(
        WorkGroup="analysts",
        ConfigurationUpdates={"ResultConfigurationUpdates": {"RemoveOutputLocation": True}},
    )
    with pytest.raises(ClientError, match="No output location provided"):
        athena.start_query_execution(**request)
    athena.update_work_group(WorkGroup="analysts", State="DISABLED")
    with pytest.raises(ClientError, match="disabled"):
        athena.start_query_execution(**request, **elsewhere)
    athena.delete_work_group(WorkGroup="analysts", RecursiveDeleteOption=True)
    with pytest.raises(ClientError, match="WorkGroup is not found"):
        athena.start_query_execution(**request, **elsewhere)


def test_missing_output_bucket_is_refused(athena: Any) -> None:
    with pytest.raises(ClientError, match="Unable to verify/create output bucket no-such-bucket"):
        athena.start_query_execution(
            QueryString="SELECT 1", ResultConfiguration={"OutputLocation": "s3://no-such-bucket/x/"}
        )


def test_show_partitions(run: Query, rows: Rows) -> None:
    assert rows("SHOW PARTITIONS orders") == [["date=2025-04-01"], ["date=2025-04-02"]]
    assert "is not a partitioned table" in run("SHOW PARTITIONS returns")["Status"]["StateChangeReason"]
