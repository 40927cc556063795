"""The price of audit and quarantine: what a run costs with them, and without.

`.venv-glue/bin/python -m benchmarks.audit --items 1000000` loads the same synthetic delivery through the real steps,
each time into a lake of its own: a tenth of it to warm up, then with, without, without and with (`--once`: with and
without). Without, checkpoints pass without looking and rejected rows are not kept. Prints seconds by layer, and which
share of the whole the difference is.
"""

import argparse
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any
from unittest.mock import patch

import boto3
from pyspark.sql import SparkSession

from benchmarks.engine import engine, seconds_by_layer
from lakehouse.quality.verdict import Verdict
from lakehouse.simulate.ecommerce import DATASETS, generate, write
from lakehouse.simulate.ecommerce_faults import Faults
from lakehouse.steps import bronze_to_silver, raw_to_bronze, silver_to_gold, writers
from lakehouse.storage.publication import publish_once
from tests.lakehouse.steps.lake import Lake

_ITEMS_AN_ORDER = 5.5
_DAYS = 10
_FAULTS = Faults(duplicate_line_share=0.003, orphan_line_share=0.003, unparsable_amount_share=0.002)


@contextmanager
def neither_audit_nor_quarantine() -> Iterator[None]:
    """Every checkpoint passes unseen, and no rejected row is kept."""

    def passed(run: Any, contract: Any, rows: Any, candidate: Any) -> Verdict:  # noqa: ARG001
        return Verdict(str(contract.address), "none", run.run_id, "passed")

    def publish(spark: Any, uri: str, base: int, *rest: Any) -> int:
        return base if "/rejected/" in uri else publish_once(spark, uri, base, *rest)

    steps = (raw_to_bronze, bronze_to_silver, silver_to_gold)
    with patch.object(writers, "publish_once", publish):
        patches = [patch.object(step, "audit", passed) for step in steps]
        for one in patches:
            one.start()
        try:
            yield
        finally:
            for one in patches:
                one.stop()


def deliver(lake: Lake, files: list[Path]) -> None:
    for path in files:
        (dataset,) = (name for name in DATASETS if path.name.startswith(f"{name}_2"))
        lake.s3.upload_file(str(path), lake.bucket, f"raw/{dataset}/{path.name}")


def load(lake: Lake, files: list[Path]) -> dict[str, float]:
    """Seconds of each layer's candidate and publication."""
    deliver(lake, files)
    return seconds_by_layer(lake, lake.a_run("benchmark", rejected_share_limit=1.0))


def delivery(folder: Path, items: int) -> tuple[list[Path], int]:
    """Files of about so many order items, and how many there are."""
    orders = round(items / _ITEMS_AN_ORDER / _DAYS)
    data = generate(2, days=_DAYS, orders_per_day=orders, products=2000, faults=_FAULTS)
    return write(data, folder, "daily", "csv"), len(data.order_items)


def measure(spark: SparkSession, folder: Path, items: int, order: tuple[str, ...]) -> None:
    s3 = boto3.client("s3")
    small, _ = delivery(folder / "warm-up", items // 10)
    load(Lake.of_its_own(spark, s3), small)
    files, count = delivery(folder / "files", items)
    totals: defaultdict[str, float] = defaultdict(float)
    for name in order:
        with neither_audit_nor_quarantine() if name == "without" else nullcontext():
            seconds = load(Lake.of_its_own(spark, s3), files)
        total = sum(seconds.values())
        totals[name] += total
        told = ", ".join(f"{layer} {spent:.1f} s" for layer, spent in seconds.items())
        sys.stdout.write(f"{name:8} {total:.1f} s ({told})\n")
        sys.stdout.flush()
    price = 1 - totals["without"] / totals["with"]
    sys.stdout.write(f"{count} order items: audit and quarantine are {price:.1%} of the run\n")


def main() -> None:
    """Measure at the size that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=1_000_000, help="about so many order items")
    parser.add_argument("--once", action="store_true", help="one load with, one without")
    options = parser.parse_args()
    order = ("with", "without") if options.once else ("with", "without", "without", "with")
    folder = Path(tempfile.mkdtemp(prefix="lakehouse-benchmark-"))
    with engine(folder) as spark:
        measure(spark, folder, options.items, order)


if __name__ == "__main__":
    main()
