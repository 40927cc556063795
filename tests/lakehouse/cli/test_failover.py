"""`lakehouse replica`, `failover` and `failback` on buckets that went apart."""

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from lakehouse.cli.failure import CommandError
from lakehouse.cli.main import app
from lakehouse.contract import stored_tables

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

ADDRESSES = [address for address, _ in stored_tables("ecommerce")]
PREFIXES = [f"{address.layer}/{address.table}" for address in ADDRESSES]
OTHER = {"Sid": "Other", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:role/other"}}
OTHER |= {"Action": "s3:*", "Resource": "arn:aws:s3:::lake-replica/*"}


def commit(prefix: str, version: int) -> str:
    return f"{prefix}/_delta_log/{version:020d}.json"


def put(s3: "S3Client", bucket: str, key: str, content: Any) -> None:
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    s3.put_object(Bucket=bucket, Key=key, Body=data)


def publish(s3: "S3Client", bucket: str, version: int, run_id: str) -> None:
    """A run that commits one file to every table, as that version, and writes the manifest."""
    for prefix in PREFIXES:
        name = f"{version}-{run_id}.parquet"
        put(s3, bucket, f"{prefix}/{name}", b"rows")
        action = {"add": {"path": name, "size": 4, "partitionValues": {}, "dataChange": True}}
        put(s3, bucket, commit(prefix, version), action)
    document = {
        "domain": "ecommerce",
        "run_id": run_id,
        "published_at": f"2026-04-0{version + 1}T06:00:00+00:00",
        "tables": {str(address): version for address in ADDRESSES},
    }
    for name in (run_id, "latest"):
        put(s3, bucket, f"metadata/manifests/ecommerce/{name}.json", document)


def keys(s3: "S3Client", bucket: str) -> set[str]:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return {entry["Key"] for page in pages for entry in page.get("Contents", ())}


def read(s3: "S3Client", bucket: str, key: str) -> bytes:
    return s3.get_object(Bucket=bucket, Key=key)["Body"].read()


@pytest.fixture
def buckets(lake: "S3Client", monkeypatch: pytest.MonkeyPatch) -> "S3Client":
    """Two buckets with the same first run."""
    monkeypatch.setenv("ECOM_S3_BUCKET_NAME", "lake")
    lake.create_bucket(Bucket="lake-replica")
    for bucket in ("lake", "lake-replica"):
        lake.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        publish(lake, bucket, 0, "first")
    return lake


@pytest.fixture
def torn(buckets: "S3Client") -> "S3Client":
    """The second run has not arrived wholly: of one table a file is missing."""
    time.sleep(1.1)  # S3 tells in seconds which manifest is the newest
    publish(buckets, "lake", 1, "second")
    publish(buckets, "lake-replica", 1, "second")
    buckets.delete_object(Bucket="lake-replica", Key="gold/daily_sales/1-second.parquet")
    return buckets


def lakehouse(*words: str) -> str:
    result = CliRunner().invoke(app, [*words], catch_exceptions=False, env={"COLUMNS": "200"})
    assert result.exit_code == 0
    return result.stdout + result.stderr


def test_a_replica_that_is_not_behind(buckets: "S3Client") -> None:
    told = lakehouse("replica", "ecommerce")
    assert "not" in told
    assert told.count("first") == 2
    (row,) = json.loads(lakehouse("replica", "ecommerce", "--format", "json"))
    assert row == {"newest run": "first", "whole in the replica": "first", "behind": "not"}


def test_a_replica_that_is_a_run_behind(torn: "S3Client") -> None:
    told = lakehouse("replica", "ecommerce")
    assert "second: ecommerce.gold.daily_sales: 1-second.parquet" in told
    assert "1 day, 0:00:00" in told


def test_a_replica_without_a_whole_run(buckets: "S3Client") -> None:
    for prefix in PREFIXES[:1]:
        buckets.delete_object(Bucket="lake-replica", Key=commit(prefix, 0))
    with pytest.raises(CommandError, match="s3://lake-replica holds no whole run of ecommerce"):
        lakehouse("replica", "ecommerce")


@pytest.fixture
def over_there(torn: "S3Client", monkeypatch: pytest.MonkeyPatch) -> "S3Client":
    monkeypatch.setenv("ECOM_S3_BUCKET_NAME", "lake-replica")
    return torn


def test_failover_is_only_shown_at_first(over_there: "S3Client") -> None:
    before = keys(over_there, "lake-replica")
    told = lakehouse("failover", "ecommerce")
    assert "first" in told
    assert "Nothing is changed" in told
    assert keys(over_there, "lake-replica") == before


def test_failover_goes_to_the_newest_whole_run(over_there: "S3Client") -> None:
    over_there.put_bucket_policy(
        Bucket="lake-replica", Policy=json.dumps({"Version": "2012-10-17", "Statement": [OTHER]})
    )
    lakehouse("failover", "ecommerce", "--apply")
    left = keys(over_there, "lake-replica")
    assert {commit(prefix, 0) for prefix in PREFIXES} <= left
    assert not {commit(prefix, 1) for prefix in PREFIXES} & left
    assert "metadata/manifests/ecommerce/second.json" not in left
    latest = json.loads(read(over_there, "lake-replica", "metadata/manifests/ecommerce/latest.json"))
    assert latest["run_id"] == "first"
    statements = json.loads(over_there.get_bucket_policy(Bucket="lake-replica")["Policy"])["Statement"]
    assert statements[0] == OTHER
    assert statements[1]["Effect"] == "Deny"
    assert "s3:ReplicateObject" in statements[1]["Action"]
    lakehouse("failover", "ecommerce", "--apply")
    assert keys(over_there, "lake-replica") == left


def test_failover_delivers_again_what_the_lost_run_had_taken_in(over_there: "S3Client") -> None:
    """One file was archived there too, of another only the deletion has arrived, a third still waits."""
    processed = {"uri": "s3://lake/raw/orders/in/archived.csv"}
    put(over_there, "lake-replica", "raw/archive/orders/00ff/archived.csv", b"a")
    put(over_there, "lake-replica", "raw/processed/orders/00ff.json", processed)
    put(over_there, "lake-replica", "raw/orders/deleted.csv", b"b")
    over_there.delete_object(Bucket="lake-replica", Key="raw/orders/deleted.csv")
    put(over_there, "lake-replica", "raw/orders/waits.csv", b"c")

    assert "2 files" in lakehouse("failover", "ecommerce", "--apply")

    waiting = {key for key in keys(over_there, "lake-replica") if key.startswith("raw/orders/")}
    assert waiting == {"raw/orders/in/archived.csv", "raw/orders/deleted.csv", "raw/orders/waits.csv"}
    assert read(over_there, "lake-replica", "raw/orders/deleted.csv") == b"b"


def test_failback_makes_the_first_region_the_replica(
    over_there: "S3Client", monkeypatch: pytest.MonkeyPatch
) -> None:
    lakehouse("failover", "ecommerce", "--apply")
    publish(over_there, "lake-replica", 1, "other")
    put(over_there, "lake-replica", "raw/archive/orders/00ab/of_other.csv", b"o")
    put(over_there, "lake", "raw/archive/orders/00cd/of_second.csv", b"s")
    monkeypatch.setenv("ECOM_S3_BUCKET_NAME", "lake")

    assert "only here: s3://lake/raw/archive/orders/00cd/of_second.csv" in lakehouse("failback", "ecommerce")
    assert (
        json.loads(read(over_there, "lake", "metadata/manifests/ecommerce/latest.json"))["run_id"] == "second"
    )
    lakehouse("failback", "ecommerce", "--apply", "--deliver-again")

    for prefix in PREFIXES:
        for version in range(2):
            here, there = (
                read(over_there, bucket, commit(prefix, version)) for bucket in ("lake", "lake-replica")
            )
            assert here == there
    left = keys(over_there, "lake")
    assert "metadata/manifests/ecommerce/second.json" not in left
    assert {"raw/archive/orders/00ab/of_other.csv", "raw/orders/of_second.csv"} <= left
    assert "not" in lakehouse("replica", "ecommerce")
    with pytest.raises(over_there.exceptions.ClientError, match="NoSuchBucketPolicy"):
        over_there.get_bucket_policy(Bucket="lake-replica")
