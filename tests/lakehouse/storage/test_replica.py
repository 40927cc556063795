"""A replica is whole up to a version when every commit and every file of it has arrived, in whatever order."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from moto import mock_aws

from lakehouse.storage import replica

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

TABLE = "silver/orders"
URI = f"s3://there/{TABLE}"
COMMITS = {
    0: {"add": ["a"]},
    1: {"add": ["b"]},
    2: {"add": ["c"], "remove": ["a"]},
    3: {"add": ["a2", "b2"], "remove": ["b", "c"]},
}
LIVE = {0: {"a"}, 1: {"a", "b"}, 2: {"b", "c"}, 3: {"a2", "b2"}}
"""Version → files of which it consists, by hand."""


def commit(version: int) -> str:
    return f"_delta_log/{version:020d}.json"


def body(version: int) -> bytes:
    actions: list[dict[str, Any]] = [
        {"add": {"path": path, "size": 1, "partitionValues": {}, "dataChange": True}}
        for path in COMMITS[version].get("add", ())
    ]
    actions += [
        {"remove": {"path": path, "deletionTimestamp": 1, "dataChange": True}}
        for path in COMMITS[version].get("remove", ())
    ]
    return "\n".join(map(json.dumps, actions)).encode()


OBJECTS = {commit(version): body(version) for version in COMMITS} | {
    path: path.encode() for version in COMMITS for path in COMMITS[version]["add"]
}


@pytest.fixture
def there(aws: None) -> "S3Client":
    client = boto3.client("s3")
    client.create_bucket(Bucket="there")
    return client


def arrive(s3: "S3Client", names: Iterator[str] | list[str] | set[str]) -> None:
    for name in names:
        s3.put_object(Bucket="there", Key=f"{TABLE}/{name}", Body=OBJECTS[name])


def content(s3: "S3Client", bucket: str = "there") -> dict[str, bytes]:
    found = s3.list_objects_v2(Bucket=bucket, Prefix=f"{TABLE}/").get("Contents", [])
    return {
        entry["Key"].removeprefix(f"{TABLE}/"): s3.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read()
        for entry in found
    }


@given(arrived=st.sets(st.sampled_from(sorted(OBJECTS))))
@examples(max_examples=25)
def test_whole_is_what_has_its_commits_and_its_files(arrived: set[str]) -> None:
    with mock_aws():
        s3 = boto3.client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket="there")
        arrive(s3, arrived)
        for version, live in LIVE.items():
            is_whole = {commit(number) for number in range(version + 1)} | live <= arrived
            assert (replica.missing(URI, version) == []) == is_whole


def test_what_is_missing_has_a_name(there: "S3Client") -> None:
    arrive(there, OBJECTS.keys() - {commit(1), "b2"})
    assert replica.missing(URI, 0) == []
    assert "commit 1 is no longer in the log" in replica.missing(URI, 3)[0]
    arrive(there, [commit(1)])
    assert replica.missing(URI, 3) == ["b2"]
    assert replica.missing(URI, 4) == ["commit 4 has not arrived"]


def test_a_log_is_cut_after_a_version(there: "S3Client") -> None:
    arrive(there, OBJECTS.keys() - {"b2"})
    later = ["00000000000000000003.checkpoint.parquet", "00000000000000000003.crc", "_last_checkpoint"]
    for name in later:
        there.put_object(Bucket="there", Key=f"{TABLE}/_delta_log/{name}", Body=b"{}")
    replica.cut(URI, 2)
    assert content(there) == {name: data for name, data in OBJECTS.items() if name not in {commit(3), "b2"}}
    replica.cut(URI, 2)
    replica.cut(URI, None)
    assert not [name for name in content(there) if name.startswith("_delta_log/")]


def test_a_mirror_is_the_table_there_and_not_the_one_here(there: "S3Client") -> None:
    """What this table committed after the two went apart is gone, under the same version too."""
    arrive(there, set(OBJECTS))
    there.create_bucket(Bucket="here")
    own = {commit(2): b'{"commitInfo": {"of": "here"}}', commit(3): b"{}", commit(4): b"{}", "d": b"rows"}
    for name, data in ({commit(0): OBJECTS[commit(0)], "a": OBJECTS["a"]} | own).items():
        there.put_object(Bucket="here", Key=f"{TABLE}/{name}", Body=data)
    assert replica.mirror(URI, f"s3://here/{TABLE}") == len(OBJECTS) - 2
    assert content(there, "here") == OBJECTS | {"d": b"rows"}
    assert replica.mirror(URI, f"s3://here/{TABLE}") == 0
