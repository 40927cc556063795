"""Files that SerDes read: what Athena's DDL says is what the engine gets."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest

pytestmark = pytest.mark.stack

Query = Callable[..., dict[str, Any]]
Rows = Callable[..., list[list[str | None]]]


@pytest.fixture(autouse=True)
def _tables(shop: None) -> None:
    pass


def put(name: str, body: str) -> None:
    boto3.client("s3").put_object(Bucket="lake", Key=f"shop/{name}/data", Body=body.encode())


@pytest.mark.conforms(
    "athena:StartQueryExecution",
    "athena/latest/ug/csv-serde.html",
    'Uses double quotes (") as the default quote character, and allows you to specify separator, quote, and escape '
    "characters",
    differs="every column is read as text, whatever type it was given",
)
def test_quoted_csv(succeed: Query, rows: Rows) -> None:
    put("quoted", "id;name\n1;'a;b'\n2;c\n")
    ddl = (
        "CREATE EXTERNAL TABLE {} (id {}, name string) ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde' "
        "WITH SERDEPROPERTIES ('separatorChar' = ';', 'quoteChar' = '\\'', 'escapeChar' = '\\\\') "
        "LOCATION 's3://lake/shop/quoted/' TBLPROPERTIES ('skip.header.line.count'='1')"
    )
    succeed(ddl.format("quoted", "string"))
    assert rows("SELECT * FROM quoted ORDER BY id")[1:] == [["1", "a;b"], ["2", "c"]]
    succeed(ddl.format("numbers", "int"))
    assert rows("SELECT DISTINCT typeof(id) FROM numbers")[1:] == [["varchar"]]


@pytest.mark.conforms(
    "athena:StartQueryExecution",
    "athena/latest/ug/openx-json-serde.html",
    "When set to TRUE, lets you skip malformed JSON syntax.",
    differs="the row of such a line is there, with nulls",
)
def test_json_by_openx(succeed: Query, rows: Rows) -> None:
    put("json_openx", '{"id": 1, "who": {"name": "ann"}, "tags": ["a"]}\n{oops\n')
    succeed(
        "CREATE EXTERNAL TABLE json_openx (id int, who struct<name:string>, tags array<string>) "
        "ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' "
        "WITH SERDEPROPERTIES ('ignore.malformed.json' = 'true') LOCATION 's3://lake/shop/json_openx/'"
    )
    assert rows("SELECT id, who.name, tags FROM json_openx WHERE id IS NOT NULL")[1:] == [["1", "ann", "[a]"]]


def test_json_by_hive(succeed: Query, rows: Rows) -> None:
    put("hive_json", '{"id": 1, "price": 10.50}\n{"id": 2}\n')
    succeed(
        "CREATE EXTERNAL TABLE hive_json (id int, price decimal(9,2)) "
        "ROW FORMAT SERDE 'org.apache.hive.hcatalog.data.JsonSerDe' LOCATION 's3://lake/shop/hive_json/'"
    )
    assert rows("SELECT * FROM hive_json ORDER BY id")[1:] == [["1", "10.50"], ["2", None]]


@pytest.mark.conforms(
    "athena:StartQueryExecution",
    "athena/latest/ug/show-create-table.html",
    "Analyzes an existing table named table_name to generate the query that created it.",
)
def test_the_shown_statement_makes_the_table_again(succeed: Query, rows: Rows) -> None:
    put("shown", "1\t2025-04-01 11:27:00\n")
    succeed(
        "CREATE EXTERNAL TABLE shown (id int COMMENT 'the key', at timestamp) PARTITIONED BY (day string) "
        "ROW FORMAT DELIMITED FIELDS TERMINATED BY '\\t' LOCATION 's3://lake/shop/shown/' "
        "TBLPROPERTIES ('owner'='sales')"
    )
    statement = "\n".join(line or "" for (line,) in rows("SHOW CREATE TABLE shown"))
    succeed("DROP TABLE shown")
    succeed(statement)
    assert "\n".join(line or "" for (line,) in rows("SHOW CREATE TABLE shown")) == statement
    succeed("ALTER TABLE shown ADD PARTITION (day='x') LOCATION 's3://lake/shop/shown/'")
    assert rows("SELECT id, at FROM shown")[1:] == [["1", "2025-04-01 11:27:00.000"]]
