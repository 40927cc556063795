"""What a table lost is found and brought back from the versions that S3 keeps, and nothing else is."""

import io
import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lakehouse.storage.repair import bring_back, data_losses, log_losses

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

TABLE = "gold/daily_sales"
URI = f"s3://lake/{TABLE}"
ADD = pa.struct(
    [
        ("path", pa.string()),
        ("size", pa.int64()),
        ("partitionValues", pa.map_(pa.string(), pa.string())),
        ("stats", pa.string()),
    ]
)
REMOVE = pa.struct([("path", pa.string()), ("deletionTimestamp", pa.int64())])
METADATA = pa.struct([("configuration", pa.map_(pa.string(), pa.string()))])


def log(name: str) -> str:
    return f"{TABLE}/_delta_log/{name}"


def commit(version: int) -> str:
    return log(f"{version:020d}.json")


def put(lake: "S3Client", key: str, body: bytes) -> None:
    lake.put_object(Bucket="lake", Key=key, Body=body)


def add(path: str) -> dict[str, Any]:
    return {"path": path, "size": 1, "partitionValues": {}, "dataChange": True, "stats": None}


def checkpoint(*paths: str) -> bytes:
    rows = [{"add": add(path), "remove": None, "metaData": None} for path in paths]
    schema = pa.schema([("add", ADD), ("remove", REMOVE), ("metaData", METADATA)])
    file = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), file)
    return file.getvalue()


def content(lake: "S3Client") -> dict[str, bytes]:
    """Key → bytes of every object of the table."""
    keys = [entry["Key"] for entry in lake.list_objects_v2(Bucket="lake", Prefix=TABLE).get("Contents", [])]
    return {key: lake.get_object(Bucket="lake", Key=key)["Body"].read() for key in keys}


@pytest.fixture
def whole(lake: "S3Client") -> dict[str, bytes]:
    """A table of four commits, of which the third removes the first one's file, in a bucket that keeps versions."""
    lake.put_bucket_versioning(Bucket="lake", VersioningConfiguration={"Status": "Enabled"})
    for version in range(4):
        actions: list[dict[str, Any]] = [{"add": add(f"{version}.parquet")}]
        if version == 2:
            actions.append({"remove": {"path": "0.parquet", "deletionTimestamp": 1, "dataChange": True}})
        put(lake, commit(version), "\n".join(map(json.dumps, actions)).encode())
        put(lake, f"{TABLE}/{version}.parquet", f"rows {version}".encode())
    lake.delete_object(Bucket="lake", Key=f"{TABLE}/0.parquet")  # as VACUUM does
    return content(lake)


def repair() -> list[str]:
    """Bring back what is lost; returns its keys."""
    of_log = log_losses(URI)
    bring_back(URI, of_log)
    of_data = data_losses(URI)
    bring_back(URI, of_data)
    return [loss.key.removeprefix(f"{TABLE}/") for loss in (*of_log, *of_data)]


def test_a_whole_table_has_lost_nothing(lake: "S3Client", whole: dict[str, bytes]) -> None:
    assert repair() == []
    assert content(lake) == whole


@pytest.mark.parametrize("version", [1, 3], ids=["a hole", "the newest"])
def test_a_deleted_commit_comes_back(lake: "S3Client", whole: dict[str, bytes], version: int) -> None:
    lake.delete_object(Bucket="lake", Key=commit(version))

    (loss,) = log_losses(URI)
    assert (loss.key, loss.what) == (commit(version), "deleted")
    repair()
    assert content(lake) == whole


def test_an_overwritten_commit_gets_its_content_back(lake: "S3Client", whole: dict[str, bytes]) -> None:
    put(lake, commit(2), b"garbage")
    put(lake, commit(2), b'{"add": ')

    (loss,) = log_losses(URI)
    assert (loss.key, loss.what) == (commit(2), "unreadable")
    repair()
    assert content(lake) == whole


def test_a_table_that_was_deleted_comes_back_without_what_vacuum_removed(
    lake: "S3Client", whole: dict[str, bytes]
) -> None:
    for key in whole:
        lake.delete_object(Bucket="lake", Key=key)
    assert content(lake) == {}

    assert len(repair()) == len(whole)
    assert content(lake) == whole


def test_a_deleted_data_file_comes_back(lake: "S3Client", whole: dict[str, bytes]) -> None:
    lake.delete_object(Bucket="lake", Key=f"{TABLE}/3.parquet")

    assert repair() == ["3.parquet"]
    assert content(lake) == whole


def test_what_delta_cleaned_of_the_log_stays_away(lake: "S3Client", whole: dict[str, bytes]) -> None:
    put(lake, log(f"{2:020d}.checkpoint.parquet"), checkpoint("1.parquet", "2.parquet"))
    for version in (0, 1):
        lake.delete_object(Bucket="lake", Key=commit(version))
    cleaned = content(lake)

    assert repair() == []
    assert content(lake) == cleaned


def test_a_checkpoint_that_cannot_be_read_gets_its_content_back(
    lake: "S3Client", whole: dict[str, bytes]
) -> None:
    put(lake, log(f"{2:020d}.checkpoint.parquet"), checkpoint("1.parquet", "2.parquet"))
    with_checkpoint = content(lake)
    put(lake, log(f"{2:020d}.checkpoint.parquet"), b"PAR1 torn")

    assert repair() == [f"_delta_log/{2:020d}.checkpoint.parquet"]
    assert content(lake) == with_checkpoint


def test_what_s3_keeps_no_version_of_is_told(lake: "S3Client", whole: dict[str, bytes]) -> None:
    for entry in lake.list_object_versions(Bucket="lake", Prefix=f"{TABLE}/3.parquet")["Versions"]:
        lake.delete_object(Bucket="lake", Key=entry["Key"], VersionId=entry["VersionId"])

    (loss,) = data_losses(URI)
    assert (loss.key, loss.version_id) == (f"{TABLE}/3.parquet", None)


def test_no_table_has_lost_nothing(lake: "S3Client") -> None:
    assert lake
    assert log_losses("s3://lake/gold/nothing") == data_losses("s3://lake/gold/nothing") == []
