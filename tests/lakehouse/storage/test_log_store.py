"""What concurrent drivers were told was committed is in the table: each writer is a JVM of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from tests.lakehouse.spark_options import spark_options

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

WRITERS = ("left", "right")
COMMITS = int(os.environ.get("LAKEHOUSE_TEST_COMMITS", "5"))
"""Of each writer; hundreds take minutes."""
STOCK = "io.delta.storage.S3SingleDriverLogStore"
COMMIT = {"service": "s3", "operation": "PutObject", "resource": "*/_delta_log/*.json"}
SLOW_COMMITS = [{**COMMIT, "rate": 1.0, "fault": "delay", "seconds": 0.5}]
"""Each writer has looked at the log before the other's commit is there, so that they do meet."""


class Writer:
    """A process that commits when it is told to."""

    def __init__(self, uri: str, name: str, options: dict[str, str]) -> None:
        script = Path(__file__).with_name("append_writer.py")
        command = [sys.executable, str(script), uri, name, str(COMMITS), json.dumps(options)]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(
            command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True
        )
        self.name = name

    def answer(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().strip()

    def commit(self) -> tuple[str, str]:
        assert self.process.stdin
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self.name, self.answer()


def acknowledged_and_found(
    spark: "SparkSession", endpoint: str, bucket: str, scratch: Path, log_store: str | None = None
) -> tuple[set[tuple[str, int]], set[tuple[str, int]]]:
    """Rows that writers were told are committed, and rows that are read back."""
    uri = f"s3://{bucket}/{uuid4().hex}"
    spark.createDataFrame([], "writer string, number bigint").write.format("delta").save(uri)
    options = spark_options(endpoint, scratch)
    if log_store:
        options["spark.delta.logStore.s3.impl"] = log_store
    writers = [Writer(uri, name, options) for name in WRITERS]
    try:
        assert [writer.answer() for writer in writers] == ["ready", "ready"]
        with ThreadPoolExecutor(len(writers)) as pool:
            told = [
                answer for _ in range(COMMITS) for answer in pool.map(lambda writer: writer.commit(), writers)
            ]
    finally:
        for writer in writers:
            writer.process.kill()
            writer.process.wait()
    rows = spark.read.format("delta").load(uri).collect()
    assert len(rows) == len(set(rows)), "a row is there twice"
    acknowledged = {(name, int(answer)) for name, answer in told if answer.isdecimal()}
    return acknowledged, {(row["writer"], row["number"]) for row in rows}


@pytest.fixture
def slow_commits(faults: Any) -> Iterator[None]:
    faults.replace(SLOW_COMMITS)
    yield
    faults.clear()


@pytest.mark.usefixtures("slow_commits")
def test_what_was_acknowledged_is_there(
    spark: "SparkSession", endpoint: str, bucket: str, tmp_path: Path
) -> None:
    acknowledged, found = acknowledged_and_found(spark, endpoint, bucket, tmp_path)
    assert found == acknowledged
    assert len(acknowledged) == len(WRITERS) * COMMITS, "Delta tries a refused append again"


def test_commits_whose_reply_is_lost_are_told_apart(
    spark: "SparkSession", endpoint: str, bucket: str, tmp_path: Path, faults: Any
) -> None:
    """S3A sends such a commit again and meets it: its own is a success, the other's is not."""
    errors = {"service": "s3", "rate": 0.1, "fault": "slow_down"}
    faults.replace([{**COMMIT, "rate": 0.3, "fault": "lost_reply"}, errors], seed=9)
    acknowledged, found = acknowledged_and_found(spark, endpoint, bucket, tmp_path)
    lost = [firing for firing in faults.firings() if firing["fault"] == "lost_reply"]
    faults.clear()

    assert lost
    assert found == acknowledged
    assert len(acknowledged) == len(WRITERS) * COMMITS


@pytest.mark.slow
@pytest.mark.usefixtures("slow_commits")
def test_deltas_own_log_store_loses_commits(
    spark: "SparkSession", endpoint: str, bucket: str, tmp_path: Path
) -> None:
    """The reason for ours, and the proof that these writers do meet."""
    acknowledged, found = acknowledged_and_found(spark, endpoint, bucket, tmp_path, STOCK)
    assert len(found) < len(acknowledged)
