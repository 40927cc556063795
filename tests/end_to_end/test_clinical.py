"""`lakehouse run clinical` on simulated patients: the measures are those of the simulator's ledger, nobody shows."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.stack import Stack

GOLD = "metriccare-gold-data"
OF_PATIENTS = {f"metriccare-{layer}-data" for layer in ("raw", "bronze", "silver", "gold")}
CANARY = "Zitronenfalter"
"""Planted in every free text and identifier."""
FAULTS = (
    "invalid_json=0.002", "wrong_resource_type=0.002", "missing_subject=0.002", "dangling_reference=0.002",
    "impossible_date=0.002", "end_before_start=0.002", "xml_file=0.05",
)  # fmt: skip
STRATUM = ("hospital_id", "month", "age_band", "sex")

type Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hospitals")


@pytest.fixture(scope="module")
def told(stack: Stack, data: Path) -> str:
    """The command's output; another file of this folder may have left the stack without Airflow."""
    if stack.run("up").returncode:
        stack.must("down")
        stack.must("up")
    size = ("--patients", "150", "--hospitals", "3", "--months", "6", "--deliveries", "4", "--seed", "11")
    faults = [word for fault in FAULTS for word in ("--fault", fault)]
    stack.must(
        "simulate",
        "fhir",
        "--out",
        data / "files",
        "--ledger",
        data / "truth.json",
        "--canary",
        CANARY,
        *size,
        *faults,
    )
    return stack.must("run", "clinical", "--data-dir", data / "files", "--rejected-share-limit", "0.1")


@pytest.fixture(scope="module")
def truth(told: str, data: Path) -> dict[str, Any]:
    assert told
    ledger: dict[str, Any] = json.loads((data / "truth.json").read_text())
    return ledger


def published(stack: Stack, name: str) -> Rows:
    rows: Rows = stack.table("gold", name, GOLD).to_pyarrow_table().to_pylist()
    return rows


def counted(rows: Rows, *columns: str) -> list[tuple[Any, ...]]:
    """Stratum and columns of each row, in order."""
    return sorted(tuple(str(row[name]) for name in (*STRATUM, *columns)) for row in rows)


@pytest.mark.parametrize(
    ("measure", "columns"),
    [
        ("mortality", ("numerator", "denominator", "unknown_vital_status", "is_complete")),
        ("readmission", ("numerator", "denominator")),
        ("infection", ("event", "numerator", "denominator")),
        ("average_length_of_stay", ("discharges", "patient_days")),
    ],
)
def test_a_measure_is_the_ledgers(
    stack: Stack, truth: dict[str, Any], measure: str, columns: tuple[str, ...]
) -> None:
    expected = truth["measures"][measure]
    assert expected
    assert counted(published(stack, measure), *columns) == counted(expected, *columns)


def test_measures_and_checkpoints_are_shown(told: str) -> None:
    assert "clinical.gold.mortality" in told
    assert "Checkpoints" in told


def objects(stack: Stack) -> Iterator[tuple[str, bytes]]:
    """Every object outside the buckets of patients' data."""
    s3 = stack.client("s3")
    for bucket in (one["Name"] for one in s3.list_buckets()["Buckets"]):
        if bucket not in OF_PATIENTS:
            for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
                for entry in page.get("Contents", ()):
                    body = s3.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read()
                    yield f"s3://{bucket}/{entry['Key']}", body


def logs(stack: Stack) -> Iterator[tuple[str, bytes]]:
    """Every file of the stack, Airflow's database with its XComs among them, but for what S3 stores."""
    for path in stack.state_dir.rglob("*"):
        if path.is_file() and "objects" not in path.relative_to(stack.state_dir).parts:
            yield str(path), path.read_bytes()


def test_no_patient_shows_outside_the_buckets_of_patients(stack: Stack, told: str, data: Path) -> None:
    patients = [
        json.loads(line)["id"]
        for path in (data / "files").rglob("*.ndjson")
        for line in path.read_text().splitlines()
        if line.startswith(('{"resourceType":"Patient"', '{"resourceType": "Patient"'))
    ]
    assert len(patients) > 100
    assert any(CANARY in path.read_text() for path in (data / "files").rglob("*.ndjson"))
    words = [word.encode() for word in (CANARY, *patients[:20])]

    places = [("output", told.encode()), *objects(stack), *logs(stack)]
    assert len(places) > 100
    assert [place for place, content in places for word in words if word in content] == []
