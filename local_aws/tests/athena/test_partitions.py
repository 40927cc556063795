"""Partitions of Hive's tables: registered one by one, found by MSCK REPAIR TABLE, shown and dropped."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest

from local_aws.athena import partition_names
from local_aws.athena.errors import QueryFailedError

Query = Callable[..., dict[str, Any]]
Rows = Callable[..., list[list[str | None]]]


@pytest.fixture
def visits(succeed: Query, shop: None) -> str:
    """A table of CSV files in folders of two days, of which the catalog knows none."""
    s3 = boto3.client("s3")
    for day, line in (("2025-04-01", "1,ann"), ("2025-04-02", "2,bob"), ("2025-04-02", "3,cy")):
        key = f"shop/visits/day={day}/country=IN/{line[0]}.csv"
        s3.put_object(Bucket="lake", Key=key, Body=f"{line}\n".encode())
    succeed("DROP TABLE IF EXISTS visits")
    succeed(
        "CREATE EXTERNAL TABLE visits (id int, name string) PARTITIONED BY (day string, country string) "
        "ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' LOCATION 's3://lake/shop/visits/'"
    )
    return "visits"


@pytest.mark.stack
@pytest.mark.conforms(
    "athena:StartQueryExecution",
    "athena/latest/ug/msck-repair-table.html",
    "If new partitions are present in the S3 location that you specified when you created the table, it adds those "
    "partitions to the metadata and to the Athena table.",
    differs="partitions are looked for in folders right below the table's, not deeper",
)
@pytest.mark.conforms(
    "athena:StartQueryExecution",
    "athena/latest/ug/msck-repair-table.html",
    "MSCK REPAIR TABLE only adds partitions to metadata; it does not remove them.",
)
def test_msck_registers_the_folders_that_are_there(visits: str, succeed: Query, rows: Rows) -> None:
    assert rows("SELECT count(*) FROM visits")[1] == ["0"]
    succeed("ALTER TABLE visits ADD PARTITION (day = '2024-12-31', country = 'IN')")
    told = [line for (line,) in rows("MSCK REPAIR TABLE visits")]
    assert told[-1] == "Repair: Added partition to metastore visits:day=2025-04-02/country=IN"
    assert "Partitions missing from filesystem:\tvisits:day=2024-12-31/country=IN" in told
    assert rows("SELECT day, count(*) FROM visits GROUP BY 1 ORDER BY 1")[1:] == [
        ["2025-04-01", "1"],
        ["2025-04-02", "2"],
    ]
    assert len(rows("SHOW PARTITIONS visits")) == 3
    assert rows("MSCK REPAIR TABLE visits") == [
        ["Partitions missing from filesystem:\tvisits:day=2024-12-31/country=IN"]
    ]


@pytest.mark.stack
@pytest.mark.conforms(
    "athena:StartQueryExecution",
    "athena/latest/ug/show-partitions.html",
    "SHOW PARTITIONS lists the partitions in metadata, not the partitions in the actual file system.",
)
@pytest.mark.conforms(
    "athena:StartQueryExecution",
    "athena/latest/ug/alter-table-add-partition.html",
    "Causes the error to be suppressed if a partition with the same definition already exists.",
)
def test_partitions_are_added_at_a_place_of_their_own(
    visits: str, run: Query, succeed: Query, rows: Rows
) -> None:
    one = "PARTITION (day = '2025-04-01', country = 'IN')"
    elsewhere = (
        "PARTITION (day = '2025-05-01', country = 'US') LOCATION 's3://lake/shop/visits/day=2025-04-02/'"
    )
    succeed(f"ALTER TABLE visits ADD {one} {elsewhere}")
    assert rows("SHOW PARTITIONS visits") == [["day=2025-04-01/country=IN"], ["day=2025-05-01/country=US"]]
    assert rows("SELECT id, country FROM visits ORDER BY id")[1:] == [["1", "IN"], ["2", "US"], ["3", "US"]]
    again = run(f"ALTER TABLE visits ADD {one}")["Status"]
    assert "AlreadyExistsException(message:Partition already exists" in again["StateChangeReason"]
    succeed(f"ALTER TABLE visits ADD IF NOT EXISTS {one}")


@pytest.mark.stack
@pytest.mark.conforms(
    "athena:StartQueryExecution",
    "athena/latest/ug/alter-table-drop-partition.html",
    "Suppresses the error message if the partition specified does not exist.",
)
@pytest.mark.conforms(
    "athena:StartQueryExecution",
    "athena/latest/ug/alter-table-set-location.html",
    "Changes the location for the table named table_name, and optionally a partition with partition_spec.",
)
def test_partitions_are_moved_renamed_and_dropped(
    visits: str, run: Query, succeed: Query, rows: Rows
) -> None:
    one, other = "(day='2025-04-01', country='IN')", "(day='2025-04-09', country='IN')"
    succeed(f"ALTER TABLE visits ADD PARTITION {one}")
    succeed(
        f"ALTER TABLE visits PARTITION {one} SET LOCATION 's3://lake/shop/visits/day=2025-04-02/country=IN/'"
    )
    assert rows("SELECT count(*) FROM visits")[1] == ["2"]
    succeed(f"ALTER TABLE visits PARTITION {one} RENAME TO PARTITION {other}")
    assert rows("SHOW PARTITIONS visits") == [["day=2025-04-09/country=IN"]]
    succeed(f"ALTER TABLE visits DROP PARTITION {other}")
    assert (
        "Partition not found"
        in run(f"ALTER TABLE visits DROP PARTITION {other}")["Status"]["StateChangeReason"]
    )
    succeed(f"ALTER TABLE visits DROP IF EXISTS PARTITION {other}, PARTITION {one}")
    assert rows("SHOW PARTITIONS visits") == []


@pytest.mark.stack
@pytest.mark.conforms(
    "athena:StartQueryExecution",
    "athena/latest/ug/alter-table-set-tblproperties.html",
    "Adds custom or predefined metadata properties to a table and sets their assigned values.",
)
@pytest.mark.conforms(
    "athena:StartQueryExecution",
    "athena/latest/ug/alter-table-add-columns.html",
    "Adds one or more columns to an existing table.",
    differs="not with PARTITION",
)
def test_properties_and_columns_are_changed(visits: str, succeed: Query, rows: Rows) -> None:
    succeed("ALTER TABLE visits SET TBLPROPERTIES ('owner' = 'sales', 'note'='x')")
    assert rows("SHOW TBLPROPERTIES visits('owner')") == [["owner\tsales"]]
    succeed("ALTER TABLE visits ADD COLUMNS (seconds bigint, at timestamp)")
    assert rows("SHOW COLUMNS IN visits")[2:4] == [["seconds             "], ["at                  "]]
    succeed("ALTER TABLE visits REPLACE COLUMNS (id bigint)")
    assert (rows("DESCRIBE visits")[0][0] or "").split() == ["id", "bigint"]


@pytest.mark.stack
@pytest.mark.conforms(
    "athena:StartQueryExecution",
    "athena/latest/ug/delta-lake-tables.html",
    "The following DDL statements are supported: CREATE EXTERNAL TABLE, SHOW COLUMNS, SHOW TBLPROPERTIES, "
    "SHOW PARTITIONS, SHOW CREATE TABLE, and DESCRIBE.",
    differs="the error of the others is worded by us",
)
@pytest.mark.parametrize(
    "sql",
    [
        "MSCK REPAIR TABLE orders",
        "ALTER TABLE orders ADD COLUMNS (x int)",
        "ALTER TABLE orders SET TBLPROPERTIES ('a'='b')",
    ],
)
def test_delta_tables_take_no_other_ddl(shop: None, run: Query, sql: str) -> None:
    status = run(sql)["Status"]
    assert status["State"] == "FAILED"
    assert "NOT_SUPPORTED" in status["StateChangeReason"]


@pytest.mark.parametrize(
    ("spec", "values"),
    [
        ("day='2025-04-01', n=3", ["2025-04-01", "3"]),
        ("n = 3 , `day` = 'a, b=''c'''", ["a, b='c'", "3"]),
        ("DAY=DATE '2025-04-01', n='3'", ["2025-04-01", "3"]),
    ],
)
def test_specs_are_read(spec: str, values: list[str]) -> None:
    assert partition_names.values_of_spec(spec, ["day", "n"]) == values


@pytest.mark.parametrize("spec", ["day='x'", "day='x', n=1, m=2", "day 'x', n=1", "day='x', n>1"])
def test_wrong_specs_are_refused(spec: str) -> None:
    with pytest.raises(QueryFailedError, match="does not name the keys day, n"):
        partition_names.values_of_spec(spec, ["day", "n"])


def test_names_of_folders_are_escaped_and_read_back() -> None:
    name = partition_names.name(["at", "n"], ["11:27/x", "1"])
    assert name == "at=11%3A27%2Fx/n=1"
    assert partition_names.values_of_path(f"{name}/part.csv", ["at", "n"]) == ["11:27/x", "1"]
    assert partition_names.values_of_path("at=1/part.csv", ["at", "n"]) is None
