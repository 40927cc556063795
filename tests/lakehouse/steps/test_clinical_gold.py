"""The clinical measures through the real steps, in deliveries: what the oracle says, and suites that agree."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import boto3
import pytest

from tests.lakehouse.steps.clinic import bundle, deletion
from tests.lakehouse.transforms.clinical.test_hand_worked import (
    CASES,
    EVIDENCE,
    MEASURES,
    Gold,
    files,
    same_as_oracle,
)
from tests.oracle.clinical import calculate

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from pyspark.sql import SparkSession

    from tests.lakehouse.steps.lake import Lake

TABLES = (*MEASURES, EVIDENCE)
KEY = uuid4().hex.encode()


@pytest.fixture(scope="module")
def lake(spark: "SparkSession", s3: "S3Client") -> "Iterator[Lake]":
    """A lake that took in the patients worked out by hand, the second time what is missing of each third."""
    from tests.lakehouse.steps.lake import Lake

    name = f"lakehouse/clinical/{uuid4().hex[:8]}"
    boto3.client("secretsmanager").create_secret(Name=name, SecretBinary=KEY)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAKEHOUSE_EVIDENCE_KEY_SECRET", name)
        made = Lake.of_its_own(spark, s3, "clinical")
        for run_id, chosen in (("one", [0, 1]), ("two", [2])):
            for number, path in enumerate(files()):
                if number % 3 in chosen:
                    made.deliver("bundle", f"{number:03d}{path.suffix}", path.read_bytes())
            made.run(run_id, rejected_share_limit=1.0)
        yield made


def gold(lake: "Lake") -> Gold:
    return {table: [row.asDict() for row in lake.table(f"gold.{table}").collect()] for table in TABLES}


def test_patients_worked_out_by_hand_in_two_deliveries(lake: "Lake") -> None:
    """The later delivery changes figures of the first; no date decides."""
    same_as_oracle(gold(lake), calculate(CASES, files()), KEY)
    outcomes = {
        (run_id, table): lake.verdict(run_id, f"gold.{table}")["outcome"]
        for run_id in ("one", "two")
        for table in TABLES
    }
    assert set(outcomes.values()) <= {"passed", "warned"}
    assert outcomes["two", "mortality"] == "passed"


@pytest.mark.slow
def test_a_correction_changes_the_hospital_months_that_it_touches(lake: "Lake", tmp_path: Path) -> None:
    """Patient 03 left on 1 March, not on 5 February, and was not admitted again: by hand, below."""
    before = gold(lake)
    delivered = (CASES / "03_readmission_on_day_30" / "resources.ndjson").read_text().splitlines()
    (stay,) = (one for one in map(json.loads, delivered) if one["id"] == "03-e1")
    stay["meta"] = {"versionId": "2"}
    stay["period"]["end"] = "2024-03-01T11:00:00-05:00"
    correction = tmp_path / "correction.json"
    correction.write_bytes(bundle(stay, deletion("Encounter", "03-e2")))

    lake.deliver("bundle", correction.name, correction.read_bytes())
    lake.run("correction", rejected_share_limit=1.0)

    after = gold(lake)
    february, march = ("03-a", "2024-02-01"), ("03-a", "2024-03-01")
    changed = {table: hospital_months(before[table], after[table]) for table in MEASURES}
    assert changed["mortality"] == set()
    assert changed["readmission"] == {february}
    assert changed["average_length_of_stay"] == {february, march}
    assert changed["infection"] <= {february, march}
    (stays,) = (
        row for row in after["average_length_of_stay"] if (row["hospital_id"], str(row["month"])) == march
    )
    assert (stays["discharges"], stays["patient_days"]) == (1, 29)
    same_as_oracle(after, calculate(Path("/"), [*files(), correction]), KEY)


def hospital_months(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> set[tuple[str, str]]:
    """Hospital and month of every row that is in one of them only."""
    one, other = ({repr(sorted(row.items())): row for row in rows} for rows in (before, after))
    differ = [rows[text] for rows in (one, other) for text in one.keys() ^ other.keys() if text in rows]
    return {(row["hospital_id"], str(row["month"])) for row in differ}
