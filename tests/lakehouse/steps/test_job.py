"""A step as a Glue job, by the script that is deployed: what its log tells, at which level, and when it fails."""

import json
import runpy
import sys
from typing import TYPE_CHECKING, Any

import pytest

from lakehouse.steps.publish import UnauditedError
from tests.lakehouse.embedded_aws import ROOT
from tests.lakehouse.steps.lake import Lake
from tests.lakehouse.steps.orders import order

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from pyspark.sql import SparkSession


@pytest.fixture(scope="module")
def lake(spark: "SparkSession", s3: "S3Client") -> Lake:
    """Orders are in bronze; half of them break a rule of silver's."""
    made = Lake.of_its_own(spark, s3)
    made.deliver("orders", "april.csv", [order(1), order(2, "n/a")])
    return made


@pytest.fixture
def job(
    lake: Lake, own_logging: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Any:
    """Runs a step's script with a run's arguments; returns the lines on its standard output."""

    def run(step: str, level: str, *more: str) -> list[dict[str, Any]]:
        arguments = [
            *("--domain", "ecommerce", "--run-id", "logged", "--tables", "orders"),
            *("--buckets", json.dumps({"*": lake.bucket}), "--log-level", level),
            *("--expectations-uri", f"s3://{lake.bucket}/scripts/expectations"),
        ]
        script = ROOT / "include" / "glue_scripts" / f"{step}.py"
        monkeypatch.setattr(sys, "argv", [str(script), *arguments, *more])
        runpy.run_path(str(script), run_name="__main__")
        return written(capsys)

    return run


def written(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_lines_say_of_which_run_step_and_table_they_tell(job: Any) -> None:
    lines = job("raw_to_bronze", "DEBUG")

    of_run = {"domain": "ecommerce", "run_id": "logged", "step": "raw_to_bronze", "release": "scripts"}
    assert all(line.items() >= of_run.items() for line in lines)
    of_table = [line for line in lines if line.get("table")]
    assert {(line["layer"], line["table"]) for line in of_table} == {("bronze", "orders")}
    assert [(line["level"], line["message"].split(" in ")[0]) for line in of_table] == [
        ("DEBUG", "ecommerce.bronze.orders started"),
        ("INFO", "ecommerce.bronze.orders: passed, {'read': 2, 'published': 2}"),
        ("DEBUG", "ecommerce.bronze.orders done"),
    ]
    assert lines[0]["message"] == "raw_to_bronze started"
    assert lines[-1]["message"].startswith("raw_to_bronze done in ")


def test_at_warning_a_step_that_succeeds_is_silent(job: Any) -> None:
    assert job("raw_to_bronze", "WARNING") == []


def test_a_step_that_fails_says_so_with_its_kind(job: Any, capsys: pytest.CaptureFixture[str]) -> None:
    job("raw_to_bronze", "ERROR")
    job("publish", "ERROR", "--layer", "bronze")
    job("bronze_to_silver", "ERROR")

    with pytest.raises(UnauditedError):
        job("publish", "ERROR", "--layer", "silver")

    (line,) = written(capsys)
    assert (line["level"], line["message"]) == ("ERROR", "publish failed: UnauditedError")
    assert (line["run_id"], line["step"]) == ("logged", "publish")
