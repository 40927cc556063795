"""Spark as a job with much data has it, and an embedded AWS of its own."""

import os
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pyspark.sql import SparkSession

from lakehouse.session import spark_session
from lakehouse.steps.run import Run
from tests.lakehouse.embedded_aws import CREDENTIALS, embedded_aws
from tests.lakehouse.spark_options import spark_options
from tests.lakehouse.steps.lake import LAYERS, Lake

_LIKE_A_JOB_WITH_MUCH_DATA = {
    "spark.driver.memory": "8g",
    "spark.sql.codegen.wholeStage": "true",
    "spark.sql.codegen.factoryMode": "FALLBACK",
    "spark.sql.adaptive.enabled": "true",
    "spark.sql.shuffle.partitions": "8",
}


@contextmanager
def engine(folder: Path) -> Iterator[SparkSession]:
    """A session on two cores; every client of AWS in this process meets the embedded one."""
    with embedded_aws(folder / "aws") as endpoint:
        yield session(endpoint, folder)


def session(endpoint: str, folder: Path, cores: int = 2) -> SparkSession:
    """A session of the AWS at `endpoint`, which every client in this process meets from now on."""
    os.environ.update(CREDENTIALS, AWS_ENDPOINT_URL=endpoint)
    os.environ["PYSPARK_PYTHON"] = os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
    options = spark_options(endpoint, folder, compiler="") | _LIKE_A_JOB_WITH_MUCH_DATA
    builder = SparkSession.builder.master(f"local[{cores}]").config(map=options)
    builder.getOrCreate().sparkContext.setLogLevel("ERROR")
    return spark_session("benchmark")


def seconds_by_layer(lake: Lake, run: Run, layers: Iterable[str] = LAYERS) -> dict[str, float]:
    """Take in what is delivered; seconds of each layer's candidate and publication."""
    seconds = {}
    for layer in layers:
        started = time.monotonic()
        lake.candidate(layer, run)
        lake.publish(layer, run)
        seconds[layer] = time.monotonic() - started
    return seconds
