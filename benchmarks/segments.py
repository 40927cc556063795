"""How fast a segment of the recorder becomes rows of silver, and how long it takes from raw/ready to gold.

`.venv-glue/bin/python -m benchmarks.segments --megabytes 100` makes one segment by the simulated exchange. First the
product's own Spark (parse the segment to bronze, then cast ticker, level2 and market_trades), DuckDB and Polars make
the same typed rows of it as Parquet, each a process bound to one core, once to warm up and then the best of three;
their rows and the exact sums of their decimals must agree. Prints MB/s of a core. Then the real steps take the segment
from raw/ready to gold on two cores: candidate and publication of each layer, with checkpoints and Delta on S3.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
from pyspark.sql import SparkSession

from benchmarks.engine import seconds_by_layer, session
from benchmarks.segment_rows import TABLES, by_duckdb, by_polars, contract_of, totals
from lakehouse.contract import tables
from lakehouse.ingestion.files import delivered_files
from lakehouse.ingestion.parse import parse_files
from lakehouse.records.cast import cast_columns
from lakehouse.simulate.coinbase.config import Simulation
from lakehouse.steps.transforms import silver_rows
from lakehouse.storage.delta import write_candidate
from lakehouse.storage.objects.factory import store_at
from lakehouse.transforms.held import holding
from tests.lakehouse.embedded_aws import embedded_aws
from tests.lakehouse.steps.lake import LAYERS, Lake
from tests.lakehouse.steps.market import record

_START = datetime(2026, 4, 7, 12, tzinfo=UTC)
_RATE = 1000
_BYTES_A_MESSAGE = 500  # fewer than they are, so that there are enough
_ROUNDS = 3
_NAME = "segment_20260407T12_00001.ndjson"


def make_segment(path: Path, megabytes: float, products: int) -> None:
    """Lines of a recorder that hears so many products, up to a size."""
    size = megabytes * 1e6
    messages = int(size / _BYTES_A_MESSAGE)
    with path.open("wb") as segment:
        for line in record(Simulation(products=products, start=_START, rate=_RATE, messages=messages)):
            if segment.tell() + len(line) > size:
                break
            segment.write(line)


def deliver(spark: SparkSession, segment: Path) -> Lake:
    """A new lake with the segment in raw/ready."""
    lake = Lake.of_its_own(spark, boto3.client("s3"), "market_data")
    lake.deliver("coinbase_messages", _NAME, segment.read_bytes())
    return lake


def rows_by_spark(lake: Lake, folder: Path) -> None:
    """The way of the product's steps as far as typed rows: no checkpoint, no deduplication, no publication."""
    ticker = contract_of("ticker")
    (source,) = ticker.inputs
    run = lake.a_run("benchmark")
    (bronze_contract,) = run.contracts("bronze")
    bronze_uri = f"s3://{lake.bucket}/rows/bronze"
    files = delivered_files(run.landing_uris(bronze_contract))
    write_candidate(parse_files(lake.spark, files, bronze_contract, run.started_at.isoformat()), bronze_uri)
    bronze = lake.spark.read.format("delta").load(bronze_uri)
    with holding():
        for table in TABLES:
            contract = contract_of(table)
            rows = cast_columns(silver_rows(contract, source, bronze), contract)
            rows.select(*contract.column_names).write.mode("overwrite").parquet(f"file://{folder / table}")


def seconds_of(work: Callable[[], None]) -> float:
    started = time.monotonic()
    work()
    return time.monotonic() - started


def time_rows(engine: str, segment: Path, folder: Path, endpoint: str) -> dict[str, Any]:
    """In a process bound to one core: the best time of an engine, and what its rows sum to."""
    rows = folder / "rows"
    rows.mkdir()
    if engine == "spark":
        lake = deliver(session(endpoint, folder, cores=1), segment)
        times = [seconds_of(lambda: rows_by_spark(lake, rows)) for _ in range(1 + _ROUNDS)]
    else:
        make = {"duckdb": by_duckdb, "polars": by_polars}[engine]
        times = [seconds_of(lambda: make(segment, rows)) for _ in range(1 + _ROUNDS)]
    return {"seconds": min(times[1:]), "totals": totals(rows)}


def time_steps(segment: Path, folder: Path, endpoint: str) -> dict[str, Any]:
    """Seconds and size of each layer from raw/ready to gold, after a small segment to warm up."""
    spark = session(endpoint, folder)
    small = folder / "small.ndjson"
    make_segment(small, 0.5, 2)
    take_in(deliver(spark, small))
    lake = deliver(spark, segment)
    return {"seconds": take_in(lake), "megabytes": {layer: stored(lake, layer) / 1e6 for layer in LAYERS}}


def take_in(lake: Lake) -> dict[str, float]:
    return seconds_by_layer(lake, lake.a_run("benchmark"))


def stored(lake: Lake, layer: str) -> int:
    """Bytes of a layer's tables on S3, logs included."""
    stores = (store_at(lake.uri(contract.address)) for contract in tables(lake.domain, layer))
    return sum(file.size for store, folder in stores for file in store.files(folder))


def in_its_own_process(role: str, segment: Path, folder: Path, endpoint: str) -> dict[str, Any]:
    """What a role measured; one of an engine's rows has one core."""
    own = folder / role
    own.mkdir()
    one_core = {} if role == "steps" else {"POLARS_MAX_THREADS": "1"}
    command = [sys.executable, "-m", "benchmarks.segments", "--role", role, "--folder", str(own)]
    process = subprocess.run(
        [*command, "--segment", str(segment), "--endpoint", endpoint],
        env={**os.environ, **one_core},
        stdout=subprocess.PIPE,
        check=True,
    )
    found: dict[str, Any] = json.loads(process.stdout.splitlines()[-1])
    return found


def play(role: str, segment: Path, folder: Path, endpoint: str) -> None:
    """In the process of a role: print what it measures."""
    if role == "steps":
        found = time_steps(segment, folder, endpoint)
    else:
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
        found = time_rows(role, segment, folder, endpoint)
    sys.stdout.write(json.dumps(found) + "\n")


def measure(folder: Path, megabytes: float, products: int) -> None:
    """Make the segment, then one role after the other."""
    segment = folder / _NAME
    make_segment(segment, megabytes, products)
    size = segment.stat().st_size / 1e6
    with embedded_aws(folder / "aws") as endpoint:
        found = {}
        for engine in ("duckdb", "polars", "spark"):
            found[engine] = in_its_own_process(engine, segment, folder, endpoint)
            seconds = found[engine]["seconds"]
            sys.stdout.write(f"{engine:7} {size / seconds:6.1f} MB/s on one core ({seconds:.1f} s)\n")
            sys.stdout.flush()
        counts = {table: values[0] for table, values in found["duckdb"]["totals"].items()}
        assert found["spark"]["totals"] == found["duckdb"]["totals"] == found["polars"]["totals"], found
        sys.stdout.write(f"{size:.1f} MB, the same rows by each: {counts}\n")
        steps = in_its_own_process("steps", segment, folder, endpoint)
    told = ", ".join(
        f"{layer} {seconds:.1f} s, {steps['megabytes'][layer]:.1f} MB"
        for layer, seconds in steps["seconds"].items()
    )
    total = sum(steps["seconds"].values())
    sys.stdout.write(f"raw/ready to gold: {total:.1f} s on two cores ({told})\n")


def main() -> None:
    """Measure a segment of the size that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=float, default=100)
    parser.add_argument("--products", type=int, default=10)
    for name in ("role", "segment", "folder", "endpoint"):
        parser.add_argument(f"--{name}", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.role:
        play(options.role, Path(options.segment), Path(options.folder), options.endpoint)
    else:
        with tempfile.TemporaryDirectory(prefix="lakehouse-benchmark-") as folder:
            measure(Path(folder), options.megabytes, options.products)


if __name__ == "__main__":
    main()
