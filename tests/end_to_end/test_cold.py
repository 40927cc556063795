"""The same jobs without the warm Spark: what a resident process could hide shows as a difference of tables."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.expected import GOLD, SILVER, assert_equal_to_oracle
from tests.end_to_end.stack import BUCKET, Stack

RUN_ID = "cold"
LAYERS = {"bronze": "raw_to_bronze", "silver": "bronze_to_silver", "gold": "silver_to_gold"}
TABLES = {"bronze": SILVER, "silver": SILVER, "gold": GOLD}


@pytest.fixture(scope="module")
def cold(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A lakehouse without Airflow whose every Glue run starts a Spark of its own."""
    state_dir = tmp_path_factory.mktemp("cold") / "state"
    with Stack.running(state_dir, "--no-airflow", LOCAL_AWS_GLUE_WARM="false") as made:
        yield made


def _run(stack: Stack, step: str, **arguments: str) -> None:
    glue = stack.client("glue")
    given = {
        "--domain": "ecommerce",
        "--run-id": RUN_ID,
        "--buckets": json.dumps({"*": BUCKET}),
        **{f"--{name}": value for name, value in arguments.items()},
    }
    job = f"lakehouse-{step}"
    run_id = glue.start_job_run(JobName=job, Arguments=given)["JobRunId"]
    while True:
        run = glue.get_job_run(JobName=job, RunId=run_id)["JobRun"]
        if run["JobRunState"] not in {"STARTING", "RUNNING"}:
            break
        time.sleep(0.5)
    assert run["JobRunState"] == "SUCCEEDED", run.get("ErrorMessage")


@pytest.mark.slow
def test_a_cold_path_gives_the_same_tables(cold: Stack, deliveries: list[list[Path]]) -> None:
    s3 = cold.client("s3")
    for path in deliveries[0]:
        s3.upload_file(str(path), BUCKET, f"raw/{path.stem}/{path.name}")
    for layer, step in LAYERS.items():
        _run(cold, step, tables=",".join(TABLES[layer]))
        _run(cold, "publish", layer=layer, tables=",".join(TABLES[layer]))

    assert_equal_to_oracle(cold, deliveries[:1])
