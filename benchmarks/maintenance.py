"""What maintenance does for a table of many small files: files, bytes, and what a selective query costs.

`.venv-glue/bin/python -m benchmarks.maintenance --rows 10000000` writes lines of orders in random order of products,
as many small files, maintains the table as the step does, and asks before and after for the lines of one product.
Prints files and bytes of the table, files and bytes that the query read, and its seconds, the best of several.
"""

import argparse
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import boto3
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from benchmarks.engine import engine
from lakehouse.address import Address
from lakehouse.contract import Contract, Custom, load
from lakehouse.steps.upkeep import Report, Table, keep
from lakehouse.storage.delta import ensure_table, lineage_columns
from tests.lakehouse.steps.lake import Lake

ADDRESS = Address("ecommerce", "silver", "order_items")
_DAYS = 2
_PRODUCTS = 50_000
_TIMES = 5


@dataclass(frozen=True)
class Cost:
    """Of the query."""

    seconds: float
    files: int
    bytes: int


def lines(spark: SparkSession, rows: int) -> DataFrame:
    """Lines of orders of a few days; products come in random order."""
    contract = load(ADDRESS)
    made = {
        "id": F.col("id"),
        "order_id": F.col("id") / 10,
        "user_id": F.col("id") / 100,
        "product_id": F.rand(seed=4) * _PRODUCTS,
        "add_to_cart_order": F.col("id") % 10 + 1,
        "reordered": F.col("id") % 2,
        "order_timestamp": F.lit("2025-04-01T10:00:00"),
        "date": F.date_add(F.lit("2025-04-01"), (F.col("id") % _DAYS).cast("int")),
        "_source_file": F.lit("s3://lake/raw/order_items/april.csv"),
        "_source_row": F.col("id"),
    }
    types = {column.name: column.physicalType for column in contract.columns} | lineage_columns("silver")
    columns = (made.get(name, F.lit(None)).cast(kind).alias(name) for name, kind in types.items())
    return spark.range(rows).select(*columns)


def write(lake: Lake, rows: int, files: int) -> None:
    """The table, as so many files: what many small publications would have left."""
    uri, contract = lake.uri(ADDRESS), load(ADDRESS)
    ensure_table(lake.spark, uri, contract, lineage_columns("silver"))
    spread = lines(lake.spark, rows).repartition(files // _DAYS)
    spread.write.format("delta").mode("append").save(uri)


def query(lake: Lake) -> Cost:
    """Ask for the lines of one product, several times; the best counts."""
    lake.spark.conf.set("spark.sql.adaptive.enabled", "false")  # its plans hide the scan's metrics
    return min((_query_once(lake) for _ in range(_TIMES)), key=lambda cost: cost.seconds)


def _query_once(lake: Lake) -> Cost:
    asked = lake.table("silver.order_items").where(F.col("product_id") == _PRODUCTS // 2)
    total = asked.agg(F.count("*"), F.sum("add_to_cart_order"), F.max("order_timestamp"))
    started = time.monotonic()
    total.collect()
    seconds = time.monotonic() - started
    metrics = total._jdf.queryExecution().executedPlan().collectLeaves().head().metrics()
    return Cost(seconds, metrics.apply("numFiles").value(), metrics.apply("filesSize").value())


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def told(cost: Cost) -> str:
    return f"{cost.seconds:.2f} s, {cost.files} files and {cost.bytes / 1e6:.1f} MB read"


def with_target(megabytes: int) -> Contract:
    contract = load(ADDRESS)
    stated = (*contract.customProperties, Custom(property="targetFileSizeMb", value=megabytes))
    return contract.model_copy(update={"customProperties": stated})


def maintain(lake: Lake, contract: Contract) -> Report:
    report = keep(lake.spark, lake.a_run("upkeep"), Table(ADDRESS, contract, lake.uri(ADDRESS)), set())
    assert report is not None
    return report


def measure(spark: SparkSession, rows: int, files: int, target: int) -> None:
    lake = Lake.of_its_own(spark, boto3.client("s3"))
    write(lake, rows, files)
    before = query(lake)
    report = maintain(lake, with_target(target))
    after = query(lake)
    for name, found, cost in (("before", report.before, before), ("after", report.after, after)):
        say(f"{name:<7}{found.files} files, {found.bytes / 1e6:.1f} MB; the query: {told(cost)}")
    say(f"maintained in {report.seconds} s")
    say(f"again, with nothing to do: {maintain(lake, with_target(target)).seconds} s")


def main() -> None:
    """Measure at the size that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--files", type=int, default=1000, help="about so many small files before")
    parser.add_argument(
        "--target-mb", type=int, default=16, help="size of a file after; the contract says 128"
    )
    options = parser.parse_args()
    with engine(Path(tempfile.mkdtemp(prefix="lakehouse-benchmark-"))) as spark:
        measure(spark, options.rows, options.files, options.target_mb)


if __name__ == "__main__":
    main()
