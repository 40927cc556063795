"""Logs are written as the Delta protocol says, and by Delta: https://github.com/delta-io/delta/blob/master/PROTOCOL.md."""

import json
from typing import TYPE_CHECKING, Any

import pytest

from lakehouse.storage.delta_log import LogExpiredError
from lakehouse.storage.snapshot import DataFile, snapshot

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from pyspark.sql import SparkSession

TABLE = "s3://lake/silver/orders"
DAY_1 = {"date": "2025-04-01"}


def add(path: str, size: int = 1, **fields: Any) -> dict[str, Any]:
    whole = {"path": path, "partitionValues": DAY_1, "size": size, "modificationTime": 0, "dataChange": True}
    return {"add": whole | fields}


def remove(path: str, at: int) -> dict[str, Any]:
    return {"remove": {"path": path, "deletionTimestamp": at, "dataChange": True}}


def commit(lake: "S3Client", number: int, *actions: dict[str, Any]) -> None:
    lines = [{"commitInfo": {"operation": "WRITE"}}, *actions]
    key = f"silver/orders/_delta_log/{number:020d}.json"
    lake.put_object(Bucket="lake", Key=key, Body="\n".join(map(json.dumps, lines)).encode())


def test_where_there_is_no_table_there_is_no_version(lake: "S3Client") -> None:
    assert snapshot(TABLE) is None


def test_what_commits_added_up_to(lake: "S3Client") -> None:
    kept = {"delta.logRetentionDuration": "interval 30 days"}
    commit(lake, 0, {"metaData": {"id": "x", "configuration": {}}}, add("a", 10), add("b", 20))
    commit(
        lake, 1, remove("a", at=1000), add("c", 30, stats='{"numRecords":1}', partitionValues={"date": None})
    )
    commit(lake, 2, {"metaData": {"id": "x", "configuration": kept}})

    found = snapshot(TABLE)

    assert found is not None
    assert found.version == 2
    assert found.live == {
        "b": DataFile(20, (("date", "2025-04-01"),), has_statistics=False),
        "c": DataFile(30, (("date", None),), has_statistics=True),
    }
    assert found.removed == {"a": 1000}
    assert found.properties == kept


def test_an_earlier_version(lake: "S3Client") -> None:
    commit(lake, 0, add("a"))
    commit(lake, 1, remove("a", at=1000), add("b"))

    found = snapshot(TABLE, version=0)

    assert found is not None
    assert (set(found.live), found.removed) == ({"a"}, {})


def test_a_file_that_came_back_is_there(lake: "S3Client") -> None:
    """As RESTORE does it."""
    commit(lake, 0, add("a"))
    commit(lake, 1, remove("a", at=1000))
    commit(lake, 2, add("a"))

    found = snapshot(TABLE)

    assert found is not None
    assert (set(found.live), found.removed) == ({"a"}, {})


def test_paths_are_decoded(lake: "S3Client") -> None:
    commit(lake, 0, add("department=dairy%20eggs/a"), add("department=dairy%20eggs/b"))
    commit(lake, 1, remove("department=dairy%20eggs/b", at=1000))

    found = snapshot(TABLE)

    assert found is not None
    assert (set(found.live), set(found.removed)) == ({"department=dairy eggs/a"}, {"department=dairy eggs/b"})


def test_a_log_whose_beginning_is_gone_without_a_checkpoint_tells_nothing(lake: "S3Client") -> None:
    commit(lake, 5, add("a"))

    with pytest.raises(LogExpiredError):
        snapshot(TABLE)


def test_it_agrees_with_delta_about_a_table_with_a_checkpoint(
    spark: "SparkSession", s3: "S3Client", bucket: str
) -> None:
    uri = f"s3://{bucket}/silver/orders"
    properties = "delta.checkpointInterval = '3', delta.logRetentionDuration = 'interval 30 days'"
    spark.sql(
        f"CREATE TABLE delta.`{uri}` (id INT, aisle STRING) USING delta PARTITIONED BY (aisle) "
        f"TBLPROPERTIES ({properties})"
    )
    for number in range(5):
        spark.sql(f"INSERT INTO delta.`{uri}` VALUES ({number}, 'dairy eggs: {number % 2}')")
    spark.sql(f"DELETE FROM delta.`{uri}` WHERE id = 0")
    names = [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    assert [name for name in names if name.endswith("3.checkpoint.parquet")]
    assert not [name for name in names if name.endswith("8.json")]

    for version in range(7):
        found = snapshot(uri, version)
        table = spark.read.format("delta").option("versionAsOf", version).load(uri)
        assert found is not None
        assert set(found.live) == {path.removeprefix(f"{uri}/") for path in table.inputFiles()}
        for path, file in found.live.items():
            assert file.size == s3.head_object(Bucket=bucket, Key=f"silver/orders/{path}")["ContentLength"]
            assert file.has_statistics
    assert found is not None
    assert found.version == 6
    assert {file.partition for file in found.live.values()} == {
        (("aisle", "dairy eggs: 0"),),
        (("aisle", "dairy eggs: 1"),),
    }
    assert len(found.removed) == 1
    assert found.properties["delta.checkpointInterval"] == "3"
