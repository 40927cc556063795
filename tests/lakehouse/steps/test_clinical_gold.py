"""The clinical measures through the real steps, in two deliveries: what the oracle says, and suites that agree."""

from typing import TYPE_CHECKING
from uuid import uuid4

import boto3
import pytest

from tests.lakehouse.transforms.clinical.test_hand_worked import (
    CASES,
    EVIDENCE,
    MEASURES,
    files,
    same_as_oracle,
)
from tests.oracle.clinical import calculate

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from pyspark.sql import SparkSession

TABLES = (*MEASURES, EVIDENCE)


def test_patients_worked_out_by_hand_in_two_deliveries(
    spark: "SparkSession", s3: "S3Client", monkeypatch: pytest.MonkeyPatch
) -> None:
    """The later delivery, with what is missing of each third patient, changes figures of the first; no date decides."""
    from tests.lakehouse.steps.lake import Lake

    key, name = uuid4().hex.encode(), f"lakehouse/clinical/{uuid4().hex[:8]}"
    boto3.client("secretsmanager").create_secret(Name=name, SecretBinary=key)
    monkeypatch.setenv("LAKEHOUSE_EVIDENCE_KEY_SECRET", name)
    lake = Lake.of_its_own(spark, s3, "clinical")
    outcomes = {}
    for run_id, chosen in (("one", [0, 1]), ("two", [2])):
        for number, path in enumerate(files()):
            if number % 3 in chosen:
                lake.deliver("bundle", f"{number:03d}{path.suffix}", path.read_bytes())
        lake.run(run_id, rejected_share_limit=1.0)
        outcomes[run_id] = {table: lake.verdict(run_id, f"gold.{table}")["outcome"] for table in TABLES}

    gold = {table: [row.asDict() for row in lake.table(f"gold.{table}").collect()] for table in TABLES}
    same_as_oracle(gold, calculate(CASES, files()), key)
    assert {outcome for of_run in outcomes.values() for outcome in of_run.values()} <= {"passed", "warned"}
    assert outcomes["two"]["mortality"] == "passed"
