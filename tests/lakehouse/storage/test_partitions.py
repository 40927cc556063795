"""Partitions that are replaced, those of null among them, and a table that was made without any."""

from typing import TYPE_CHECKING

import pytest
from delta.tables import DeltaTable

from lakehouse.address import Address
from lakehouse.contract import load
from lakehouse.storage.columns import is_partitioned_as_stated, replace_whole
from lakehouse.storage.delta import replace_partitions, rows_apart
from tests.lakehouse.frames import frame

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from pyspark.sql import DataFrame, SparkSession

EVIDENCE = load(Address("clinical", "gold", "measure_evidence"))
"""By month, which may be null."""
TYPES = {column.name: column.physicalType for column in EVIDENCE.columns}


def evidence(spark: "SparkSession", **months: str | None) -> "DataFrame":
    """Rows by their hash: the month."""
    return frame(spark, TYPES, [{"resource_hash": key, "month": month} for key, month in months.items()])


def held(spark: "SparkSession", uri: str) -> dict[str, str | None]:
    rows = spark.read.format("delta").load(uri).selectExpr("resource_hash", "cast(month as string)").collect()
    return dict(map(tuple, rows))


@pytest.mark.parametrize(
    ("partitions", "left"),
    [
        (["2024-01-01"], {"b": "2024-02-01", "c": None}),
        ([None], {"a": "2024-01-01", "b": "2024-02-01"}),
        (["2024-02-01", None], {"a": "2024-01-01"}),
    ],
)
def test_exactly_the_named_partitions_are_replaced(
    spark: "SparkSession",
    s3: "S3Client",
    bucket: str,
    partitions: list[str | None],
    left: dict[str, str | None],
) -> None:
    uri = f"s3://{bucket}/gold/evidence"
    rows = evidence(spark, a="2024-01-01", b="2024-02-01", c=None)
    rows.write.format("delta").partitionBy("month").save(uri)

    replace_partitions(evidence(spark, new=partitions[-1]), uri, "month", partitions)

    assert held(spark, uri) == {**left, "new": partitions[-1]}


@pytest.mark.parametrize("partitions", [[], ["month"]])
def test_the_rows_of_files_that_two_versions_do_not_share(
    spark: "SparkSession", s3: "S3Client", bucket: str, partitions: list[str]
) -> None:
    """A table that goes back and forth consists of files that came and went several times."""
    uri = f"s3://{bucket}/gold/evidence"
    for rows in (evidence(spark, a="2024-01-01"), evidence(spark, b=None)):
        rows.write.format("delta").mode("append").partitionBy(*partitions).save(uri)
    DeltaTable.forPath(spark, uri).delete("resource_hash = 'a'")
    DeltaTable.forPath(spark, uri).restoreToVersion(1)

    def apart(one: int, other: int) -> list[dict[str, str | None]]:
        frames = (spark.read.format("delta").option("versionAsOf", v).load(uri) for v in (one, other))
        found = rows_apart(next(frames), next(frames), uri)
        return [
            dict(map(tuple, f.selectExpr("resource_hash", "cast(month as string)").collect())) for f in found
        ]

    assert apart(0, 1) == [{}, {"b": None}]
    assert apart(1, 2) == [{"a": "2024-01-01"}, {}]
    assert apart(0, 3) == [{}, {"b": None}]
    assert apart(1, 3) == [{}, {}]


def test_a_table_that_was_made_without_partitions_has_them_when_it_is_replaced(
    spark: "SparkSession", s3: "S3Client", bucket: str
) -> None:
    uri = f"s3://{bucket}/gold/evidence"
    assert is_partitioned_as_stated(spark, uri, EVIDENCE), "there is none yet"
    evidence(spark, a="2024-01-01").write.format("delta").save(uri)
    assert not is_partitioned_as_stated(spark, uri, EVIDENCE)

    replace_whole(evidence(spark, b="2024-01-01", c=None), uri, EVIDENCE)

    assert is_partitioned_as_stated(spark, uri, EVIDENCE)
    assert held(spark, uri) == {"b": "2024-01-01", "c": None}
