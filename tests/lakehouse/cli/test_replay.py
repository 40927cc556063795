"""`lakehouse replay`: has Airflow replay and compare, shows the counts, and fails where it was asked to."""

import json
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from lakehouse.cli import replay
from lakehouse.cli.dag_run import DagRun
from lakehouse.cli.failure import CommandError
from lakehouse.cli.main import app

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

RUN = "manual__2025-04-02T06:00:00+00:00"
DATES = [f"2025-04-{day:02d}" for day in range(1, 8)]


def rows(only_live: int, only_replayed: int) -> dict[str, int]:
    return {"live": 40, "replayed": 39, "only_live": only_live, "only_replayed": only_replayed}


def found(*parts: dict[str, str], only: tuple[int, int] = (0, 0), columns: bool = False) -> dict[str, Any]:
    """What was found of a table of nine partitions."""
    differences = [{"partition": part, "rows": rows(*only)} for part in parts]
    return {
        "found": {"rows": rows(*only), "partitions": 9, "differences": differences, "other_columns": columns}
    }


@pytest.fixture
def compared(lake: "S3Client", monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the run compares, by table, and under `started` what it was told."""
    monkeypatch.setenv("ECOM_S3_BUCKET_NAME", "lake")
    told: dict[str, Any] = {"ecommerce.silver.orders": found()}

    def run_dag(_console: object, dag_id: str, conf: dict[str, Any]) -> DagRun:
        document = {"tables": {address: table for address, table in told.items() if address != "started"}}
        key = "metadata/replays/runs/manual__2025-04-02T06-00-00-00-00/comparison.json"
        lake.put_object(Bucket="lake", Key=key, Body=json.dumps(document).encode())
        told["started"] = (dag_id, conf)
        return DagRun(RUN, "http://airflow.example/runs/manual-1", 12.0, [])

    monkeypatch.setattr(replay, "run_dag", run_dag)
    return told


def lakehouse(*words: str) -> str:
    result = CliRunner(env={"COLUMNS": "200"}).invoke(app, ["replay", *words], catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def test_equal_tables_are_told_and_nothing_is_switched(compared: dict[str, Any]) -> None:
    told = lakehouse("ecommerce", "--verify")

    assert "ecommerce.silver.orders" in told
    assert "equal" in told
    conf = {"domain": "ecommerce", "source": "archive", "switch": False, "reason": ""}
    assert compared["started"] == ("replay", conf)


def test_what_differs_is_told_in_counts_with_its_first_partitions(compared: dict[str, Any]) -> None:
    compared["ecommerce.gold.daily_sales"] = found(*({"date": day} for day in DATES), only=(3, 2))
    compared["ecommerce.bronze.orders"] = found({"_source_hash": "f00d"}, only=(0, 1))
    compared["ecommerce.rejected.orders"] = found({}, only=(1, 0))
    compared["ecommerce.gold.customer_insights"] = found(columns=True)

    told = lakehouse("ecommerce")

    assert f"7 of 9 partitions: {'; '.join(DATES[:5])}; …" in " ".join(told.split())
    assert "1 of 9 files" in told
    assert "f00d" not in told
    assert "the table" in told
    assert "other columns" in told
    assert " ".join(["ecommerce.gold.daily_sales", "40", "39", "3", "2"]) in " ".join(told.split())


def test_verify_fails_where_a_table_differs(compared: dict[str, Any]) -> None:
    compared["ecommerce.gold.daily_sales"] = found({"date": DATES[0]}, only=(3, 2))

    with pytest.raises(CommandError, match="1 tables differ from their replay: ecommerce"):
        lakehouse("ecommerce", "--verify")


def test_partitions_of_patients_are_only_counted(compared: dict[str, Any], lake: "S3Client") -> None:
    lake.create_bucket(Bucket="metriccare-metadata")
    document = {"tables": {"clinical.silver.patient": found({"date": DATES[0]}, only=(1, 1))}}
    key = "metadata/replays/runs/manual__2025-04-02T06-00-00-00-00/comparison.json"
    lake.put_object(Bucket="metriccare-metadata", Key=key, Body=json.dumps(document).encode())
    told = lakehouse("clinical", "--source", "bronze")

    assert "1 of 9 partitions" in told
    assert DATES[0] not in told


def test_everything_that_was_asked_for_reaches_the_run(compared: dict[str, Any]) -> None:
    words = [
        "ecommerce",
        "--source",
        "bronze",
        "--from",
        "2025-04-01",
        "--to",
        "2025-04-02",
        "--switch",
        "--reason",
        "why",
    ]
    lakehouse(*words, "--rejected-share-limit", "0.2")

    assert compared["started"][1] == {
        "domain": "ecommerce",
        "source": "bronze",
        "from": "2025-04-01",
        "to": "2025-04-02",
        "rejected_share_limit": 0.2,
        "switch": True,
        "reason": "why",
    }


def test_an_archive_in_glacier_is_told_before_anything_starts(
    compared: dict[str, Any], lake: "S3Client"
) -> None:
    lake.put_object(Bucket="lake", Key="raw/archive/orders/0/a.csv", Body=b"1", StorageClass="GLACIER")

    with pytest.raises(CommandError, match=r"1 archived files of orders are in Glacier.*--source bronze"):
        lakehouse("ecommerce")
    assert "started" not in compared
    lakehouse("ecommerce", "--source", "bronze")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("weather",), "there is no domain 'weather'"),
        (("ecommerce", "--verify", "--switch"), "choose one"),
        (("ecommerce", "--to", "2025-04-02"), "--to needs --from"),
        (("ecommerce", "--from", "2025-04-02", "--to", "2025-04-01"), "runs backwards"),
    ],
)
def test_what_makes_no_sense_is_refused(compared: dict[str, Any], words: tuple[str, ...], told: str) -> None:
    with pytest.raises(CommandError, match=told):
        lakehouse(*words)
    assert "started" not in compared
