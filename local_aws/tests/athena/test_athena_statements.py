"""Statements told apart, DDL parsed, parameters bound; no engine needed."""

import pytest

from local_aws.athena import delta, dml, external_table, statements
from local_aws.athena.errors import QueryFailedError


@pytest.mark.parametrize(
    ("sql", "kind", "substatement", "key"),
    [
        ("SELECT 1", "DML", "SELECT", "q.csv"),
        ("-- why\n/* and how */ with a as (select 1) select * from a;", "DML", "SELECT", "q.csv"),
        ("(SELECT 1) UNION (SELECT 2)", "DML", "SELECT", "q.csv"),
        ("VALUES 1", "DML", "SELECT", "q.csv"),
        ("EXPLAIN SELECT 1", "DML", "EXPLAIN", "q.txt"),
        ("insert into t values (1)", "DML", "INSERT", "q"),
        ("CREATE TABLE t WITH (format='ORC') AS (SELECT 1 a)", "DDL", "CREATE_TABLE_AS_SELECT", "tables/q"),
        ("CREATE EXTERNAL TABLE t (a int) LOCATION 's3://b/as select/'", "DDL", "CREATE_TABLE", "q.txt"),
        ("create or  replace\nview v as select 1", "DDL", "CREATE_VIEW", "q.txt"),
        ("CREATE SCHEMA s", "DDL", "CREATE_DATABASE", "q.txt"),
        ("DROP TABLE IF EXISTS t", "DDL", "DROP_TABLE", "q.txt"),
        ("SHOW SCHEMAS", "UTILITY", "SHOW_DATABASES", "q.txt"),
        ("SHOW /* c */ CREATE VIEW v", "UTILITY", "SHOW_CREATE_VIEW", "q.txt"),
        ("DESC t", "UTILITY", "DESCRIBE_TABLE", "q.txt"),
    ],
)
def test_kinds_of_statements(sql: str, kind: str, substatement: str, key: str) -> None:
    statement = statements.classify(sql)
    assert (statement.kind, statement.substatement) == (kind, substatement)
    assert statement.result_key("q") == key


def test_closing_semicolon_is_dropped_and_comments_in_texts_stay() -> None:
    statement = statements.classify("  SELECT '--x', \"/*y*/\" -- z\n ; ")
    assert statement.text == "SELECT '--x', \"/*y*/\" -- z"
    assert statement.bare == "SELECT '--x', \"/*y*/\""


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("t", ("shop", "t")),
        ("Other.T", ("other", "t")),
        ('"AwsDataCatalog"."other"."t"', ("other", "t")),
        ("`my-db`.`t`", ("my-db", "t")),
    ],
)
def test_names_in_context(name: str, expected: tuple[str, str]) -> None:
    assert statements.table_name(name, "shop") == expected


def test_delta_table_takes_location_and_properties() -> None:
    table = external_table.parse(
        "-- registered\nCREATE EXTERNAL TABLE IF NOT EXISTS Shop.Orders "
        "LOCATION 's3://b/o/' TBLPROPERTIES ('table_type' = 'DELTA')"
    )
    assert (table.database, table.name, table.if_not_exists) == ("shop", "orders", True)
    assert (table.location, table.is_delta, table.columns) == ("s3://b/o/", True, [])


def test_hive_table_keeps_columns_partitions_and_format() -> None:
    table = external_table.parse(
        "CREATE EXTERNAL TABLE t (a int COMMENT 'the key', b struct<c:int,d:array<string>>, e decimal(10,2)) "
        "COMMENT 'all' PARTITIONED BY (day date) "
        "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde' "
        "WITH SERDEPROPERTIES ('separatorChar'=';') "
        "LOCATION 's3://b/t/' TBLPROPERTIES ('skip.header.line.count'='1')"
    )
    entry = table.table_input({})
    assert entry["StorageDescriptor"]["Columns"] == [
        {"Name": "a", "Type": "int", "Comment": "the key"},
        {"Name": "b", "Type": "struct<c:int,d:array<string>>"},
        {"Name": "e", "Type": "decimal(10,2)"},
    ]
    assert entry["PartitionKeys"] == [{"Name": "day", "Type": "date"}]
    assert entry["Description"] == "all"
    assert entry["Parameters"] == {"EXTERNAL": "TRUE", "skip.header.line.count": "1"}
    serde = entry["StorageDescriptor"]["SerdeInfo"]
    assert serde["SerializationLibrary"] == "org.apache.hadoop.hive.serde2.OpenCSVSerde"
    assert serde["Parameters"] == {"serialization.format": "1", "separatorChar": ";"}


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("CREATE EXTERNAL TABLE t (a int)", "No location was specified"),
        ("CREATE EXTERNAL TABLE t (a int LOCATION 's3://b/'", "ParseException"),
    ],
)
def test_bad_ddl_says_why(sql: str, reason: str) -> None:
    with pytest.raises(QueryFailedError, match=reason):
        external_table.parse(sql)


def test_delta_table_refuses_columns() -> None:
    table = external_table.parse(
        "CREATE EXTERNAL TABLE t (a int) LOCATION 's3://b/t/' TBLPROPERTIES ('table_type'='DELTA')"
    )
    with pytest.raises(QueryFailedError, match="leave columns"):
        table.table_input({})


def test_types_of_the_delta_log() -> None:
    nested = {
        "type": "struct",
        "fields": [
            {"name": "a", "type": "long"},
            {"name": "b", "type": {"type": "array", "elementType": "timestamp_ntz"}},
            {"name": "c", "type": {"type": "map", "keyType": "string", "valueType": "decimal(18,2)"}},
        ],
    }
    assert delta.hive_type(nested) == "struct<a:bigint,b:array<timestamp>,c:map<string,decimal(18,2)>>"


@pytest.mark.parametrize(
    ("values", "bound"),
    [
        (["'abc'"], "'abc'"),
        (["1 + 1"], "1 + 1"),
        (["NULL"], "NULL"),
        (["DATE '2025-04-01'"], "DATE '2025-04-01'"),
        (["abc"], "'abc'"),
        (["abc def"], "'abc def'"),
        (["it's"], "'it''s'"),
        (["123e4567-e89b-12d3-a456-426614174000"], "'123e4567-e89b-12d3-a456-426614174000'"),
        (["1", "t.x"], "1, 't.x'"),
    ],
)
def test_parameters_are_expressions_or_texts(values: list[str], bound: str) -> None:
    assert (
        dml.with_parameters("SELECT '?', ?", values) == f"EXECUTE IMMEDIATE 'SELECT ''?'', ?' USING {bound}"
    )


@pytest.mark.parametrize(
    ("sql", "refused"),
    [
        ("SELECT * FROM t FOR TIMESTAMP AS OF now()", True),
        ("select * from t for version\nas of 3", True),
        ("SELECT 'for version as of 3'", False),
        ('SELECT 1 AS "for version as of"', False),
        ("SELECT 1 -- for version as of 3", False),
    ],
)
def test_time_travel_is_seen_only_in_the_statement(sql: str, *, refused: bool) -> None:
    statement = statements.classify(sql)
    if refused:
        with pytest.raises(QueryFailedError, match="NOT_SUPPORTED"):
            dml.refuse_time_travel(statement)
    else:
        dml.refuse_time_travel(statement)
