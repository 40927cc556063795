"""Logs are written as the Delta protocol says: https://github.com/delta-io/delta/blob/master/PROTOCOL.md."""

import json
from typing import TYPE_CHECKING, Any

import pytest

from lakehouse.storage.delta_log import LogExpiredError, changes, newest_alike, version

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

TABLE = "s3://lake/silver/orders"
DAY_1, DAY_2, DAY_3 = "2025-04-01", "2025-04-02", "2025-04-03"


def add(path: str, day: str | None = None, *, data_change: bool = True) -> dict[str, Any]:
    action = {"path": path, "partitionValues": {"date": day} if day else {}, "dataChange": data_change}
    return {"add": {**action, "size": 1, "modificationTime": 0}}


def remove(path: str, day: str, *, data_change: bool = True) -> dict[str, Any]:
    values = {"partitionValues": {"date": day}, "extendedFileMetadata": True}
    return {"remove": {"path": path, "dataChange": data_change, "deletionTimestamp": 0, **values}}


def commit(lake: "S3Client", number: int, *actions: dict[str, Any], table: str = "silver/orders") -> None:
    lines = [{"commitInfo": {"operation": "WRITE"}}, *actions]
    body = "\n".join(json.dumps(line) for line in lines)
    lake.put_object(Bucket="lake", Key=f"{table}/_delta_log/{number:020d}.json", Body=body.encode())


def test_no_table_has_no_version(lake: "S3Client") -> None:
    lake.put_object(Bucket="lake", Key="silver/orders/part-0.parquet", Body=b"")

    assert version(TABLE) is None


def test_the_first_commit_is_version_0(lake: "S3Client") -> None:
    commit(lake, 0, add("a", DAY_1))

    assert version(TABLE) == 0


def test_version_is_the_newest_commit(lake: "S3Client") -> None:
    for number in (9, 10, 11):
        commit(lake, number, add(f"f{number}", DAY_1))
    commit(lake, 99, add("x", DAY_1), table="silver/orders_old")
    for name in ("_last_checkpoint", f"{12:020d}.checkpoint.parquet", f"{13:020d}.crc", "_sidecars/14.json"):
        lake.put_object(Bucket="lake", Key=f"silver/orders/_delta_log/{name}", Body=b"{}")

    assert version(TABLE) == 11


def test_files_that_came_and_went(lake: "S3Client") -> None:
    commit(lake, 0, {"protocol": {"minReaderVersion": 1}}, {"metaData": {"id": "x"}}, add("old", DAY_1))
    commit(lake, 1, add("b", DAY_2))
    commit(lake, 2, remove("old", DAY_1), add("c", DAY_3))

    found = changes(TABLE, after=0, until=2)

    assert found.added == {"b": {"date": DAY_2}, "c": {"date": DAY_3}}
    assert found.removed == {"old": {"date": DAY_1}}
    assert found.partition_values("date") == {DAY_1, DAY_2, DAY_3}


def test_only_the_commits_asked_for(lake: "S3Client") -> None:
    for number, day in enumerate((DAY_1, DAY_2, DAY_3)):
        commit(lake, number, add(f"f{number}", day))

    assert changes(TABLE, after=0, until=1).partition_values("date") == {DAY_2}
    assert changes(TABLE, after=-1, until=0).partition_values("date") == {DAY_1}
    assert changes(TABLE, after=2, until=2).added == {}


def test_optimize_changes_no_data(lake: "S3Client") -> None:
    commit(lake, 0, add("a", DAY_1), add("b", DAY_1))
    commit(
        lake,
        1,
        remove("a", DAY_1, data_change=False),
        remove("b", DAY_1, data_change=False),
        add("ab", DAY_1, data_change=False),
    )
    commit(lake, 2, add("c", DAY_2))

    found = changes(TABLE, after=0, until=2)

    assert (set(found.added), found.removed) == ({"c"}, {})


def test_a_null_partition_is_no_value(lake: "S3Client") -> None:
    commit(lake, 0, {"add": {**add("a")["add"], "partitionValues": {"date": None}}}, add("b", DAY_1))

    assert changes(TABLE, after=-1, until=0).partition_values("date") == {DAY_1}


def test_an_unpartitioned_table_has_no_partition_values(lake: "S3Client") -> None:
    commit(lake, 0, add("a"))

    assert changes(TABLE, after=-1, until=0).partition_values("date") == set()


def test_paths_are_decoded(lake: "S3Client") -> None:
    """The log holds URIs: a department `dairy eggs` is `dairy%20eggs` there, and `dairy eggs` as a file name."""
    commit(lake, 0, add("department=dairy%20eggs/part-0.parquet"))

    assert list(changes(TABLE, after=-1, until=0).added) == ["department=dairy eggs/part-0.parquet"]


def test_a_commit_that_was_cleaned_up_is_named(lake: "S3Client") -> None:
    commit(lake, 5, add("a", DAY_1))

    with pytest.raises(LogExpiredError, match=r"s3://lake/silver/orders: commit 4 is no longer in the log"):
        changes(TABLE, after=3, until=5)


def test_rewrites_leave_the_rows_as_they_are(lake: "S3Client") -> None:
    commit(lake, 3, add("a", DAY_1))
    commit(lake, 4, remove("a", DAY_1, data_change=False), add("b", DAY_1, data_change=False))
    commit(lake, 5, {"metaData": {"id": "x"}})
    assert newest_alike(TABLE, 3) == 5

    commit(lake, 6, add("c", DAY_2))
    commit(lake, 7, add("d", DAY_2, data_change=False))

    assert [newest_alike(TABLE, since) for since in (3, 4, 5, 6, 7)] == [5, 5, 5, 7, 7]


def test_what_the_log_no_longer_tells_may_be_another(lake: "S3Client") -> None:
    commit(lake, 6, add("c", DAY_2, data_change=False))

    assert newest_alike(TABLE, 3) == 3
