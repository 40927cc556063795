"""What FHIR costs from raw to gold, and what one more day costs on a long history.

`.venv-glue/bin/python -m benchmarks.clinical --resources 1000000` simulates hospitals for a year: the past in a file a
month and resource type, then days. It loads a tenth of the people (which also warms up), then all of them, and then
the same few days, of that tenth, into both lakes. Prints seconds by layer, MB/s of raw files per core, the peak of
memory of Spark and its driver, and the ratio of the days.
"""

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from uuid import uuid4

import boto3
from pyspark.sql import SparkSession

from benchmarks.engine import engine, seconds_by_layer
from benchmarks.memory import PeakMemory
from lakehouse.simulate.fhir.config import Simulation
from lakehouse.simulate.fhir.delivery import TIDY
from lakehouse.simulate.fhir.generate import generate
from tests.lakehouse.steps.lake import Lake

_CORES = 2
_TIMES = 10
_RESOURCES_A_PATIENT = 90
"""With ten vital signs a patient-day, in the past."""
_PAST_DAYS = 330
_DAYS = 3
_DAYS_A_FILE = 30

type Seconds = dict[str, float]


def year(patients: int) -> Simulation:
    """A delivery a day, until the last correction; few people are the first of many."""
    days = Simulation().days + TIDY.days
    return Simulation(patients=patients, deliveries=days, vital_signs=10)


def day_of(file: Path) -> int:
    """Which delivery brings a file, from 1."""
    return int(file.name.split("-")[1])


def months(files: Iterable[Path], folder: Path) -> Iterator[Path]:
    """The files of a resource type and month as one; Bundles, which cannot be joined, as they are."""

    def of_month(file: Path) -> tuple[str, int]:
        return file.parent.name, (day_of(file) - 1) // _DAYS_A_FILE

    for (kind, month), some in groupby(sorted(files, key=lambda file: (*of_month(file), file)), of_month):
        if kind == "bundle":
            yield from some
            continue
        joined = folder / kind / f"{kind}-month-{month + 1:02d}.ndjson"
        joined.parent.mkdir(parents=True, exist_ok=True)
        with joined.open("wb") as target:
            for file in some:
                with file.open("rb") as source:
                    shutil.copyfileobj(source, target)
        yield joined


def run(lake: Lake, run_id: str, files: Iterable[Path]) -> Seconds:
    """Deliver files, and return the seconds of each layer's candidate and publication."""
    for file in files:
        lake.s3.upload_file(str(file), lake.bucket, f"raw/{file.parent.name}/{file.name}")
    return seconds_by_layer(lake, lake.a_run(run_id, rejected_share_limit=1.0))


def told(seconds: Seconds) -> str:
    layers = ", ".join(f"{layer} {spent:.1f} s" for layer, spent in seconds.items())
    return f"{sum(seconds.values()):.1f} s ({layers})"


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def load_past(spark: SparkSession, folder: Path, patients: int) -> Lake:
    """A new lake with a history of so many people, and what it cost."""
    generate(year(patients), folder / "days")
    past = [file for file in (folder / "days").rglob("*.*") if day_of(file) <= _PAST_DAYS]
    files = list(months(past, folder / "months"))
    megabytes = sum(file.stat().st_size for file in files) / 1e6
    lake = Lake.of_its_own(spark, boto3.client("s3"), "clinical")
    jvm = spark.sparkContext._gateway.proc.pid
    with PeakMemory(os.getpid(), jvm) as memory:
        seconds = run(lake, "past", files)
    resources = lake.table("bronze.fhir_resources").count()
    speed = megabytes / sum(seconds.values()) / _CORES
    say(f"{resources} resources, {megabytes:.0f} MB in {len(files)} files: {told(seconds)}")
    say(f"  {speed:.2f} MB/s per core, peak of memory {memory.megabytes} MB")
    return lake


def days_after(folder: Path) -> dict[int, list[Path]]:
    """Files of the first days after the past on which anything is delivered."""
    days: dict[int, list[Path]] = {}
    for file in sorted((folder / "days").rglob("*.*"), key=day_of):
        if day_of(file) > _PAST_DAYS:
            days.setdefault(day_of(file), []).append(file)
    if len(days) < _DAYS:
        raise ValueError(f"only {len(days)} days follow the past: ask for more --resources")
    return dict(list(days.items())[:_DAYS])


def measure(spark: SparkSession, folder: Path, resources: int) -> None:
    patients = max(1, round(resources / _RESOURCES_A_PATIENT / _TIMES))
    lakes = {
        "short": load_past(spark, folder / "short", patients),
        "long": load_past(spark, folder / "long", patients * _TIMES),
    }
    totals = dict.fromkeys(lakes, 0.0)
    for day, files in days_after(folder / "short").items():
        kilobytes = sum(file.stat().st_size for file in files) / 1e3
        for name, lake in lakes.items():
            seconds = run(lake, f"day-{day}", files)
            totals[name] += sum(seconds.values())
            say(f"day {day} ({kilobytes:.0f} kB) on the {name} history: {told(seconds)}")
    say(f"a day on the tenfold history takes {totals['long'] / totals['short']:.2f} times as long")


def main() -> None:
    """Measure at the size that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--resources", type=int, default=1_000_000, help="about so many in the long history")
    resources = parser.parse_args().resources
    folder = Path(tempfile.mkdtemp(prefix="lakehouse-benchmark-"))
    with engine(folder) as spark:
        secret = "lakehouse/clinical/evidence-key"
        boto3.client("secretsmanager").create_secret(Name=secret, SecretBinary=uuid4().hex.encode())
        measure(spark, folder, resources)


if __name__ == "__main__":
    main()
