"""`lakehouse restore`: shows what goes back to where, then has Airflow ask and do it."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from lakehouse.cli import restore
from lakehouse.cli.dag_run import DagRun
from lakehouse.cli.failure import CommandError
from lakehouse.cli.main import app

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

RUN = "manual__2025-04-02T06-00-00"
VERSIONS = {"ecommerce.bronze.orders": 1, "ecommerce.gold.daily_sales": 2}
ADD = {"add": {"path": "a.parquet", "partitionValues": {}, "size": 1, "dataChange": True}}
REWRITE = {"add": {"path": "b.parquet", "partitionValues": {}, "size": 1, "dataChange": False}}


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """DAG and configuration of the runs that were triggered."""
    runs: list[tuple[str, Any]] = []

    def run_dag(_console: object, dag_id: str, conf: dict[str, Any]) -> DagRun:
        runs.append((dag_id, conf))
        return DagRun("manual-1", "http://airflow.example/runs/manual-1", 12.0, [])

    monkeypatch.setattr(restore, "run_dag", run_dag)
    return runs


def commit(lake: "S3Client", table: str, version: int, *actions: dict[str, Any]) -> None:
    body = "\n".join(json.dumps(action) for action in actions)
    lake.put_object(Bucket="lake", Key=f"{table}/_delta_log/{version:020d}.json", Body=body.encode())


def put_manifest(lake: "S3Client", run_id: str, versions: dict[str, int]) -> None:
    now = datetime.now(UTC).isoformat()
    document = {"domain": "ecommerce", "run_id": run_id, "published_at": now, "tables": versions}
    for name in (run_id, "latest"):
        key = f"metadata/manifests/ecommerce/{name}.json"
        lake.put_object(Bucket="lake", Key=key, Body=json.dumps(document).encode())


@pytest.fixture(autouse=True)
def history(lake: "S3Client", monkeypatch: pytest.MonkeyPatch) -> None:
    """Bronze gained a file since the manifest; gold was made anew twice, and rewritten once."""
    monkeypatch.setenv("ECOM_S3_BUCKET_NAME", "lake")
    for version in range(3):
        commit(lake, "bronze/orders", version, ADD)
    for version in range(5):
        commit(lake, "gold/daily_sales", version, ADD)
    commit(lake, "gold/daily_sales", 5, REWRITE)
    put_manifest(lake, RUN, VERSIONS)


def lakehouse(*words: str) -> str:
    result = CliRunner().invoke(app, ["restore", *words], catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def shown(told: str) -> list[tuple[str, ...]]:
    """Table, version, version to go back to, and commits with data in between."""
    return re.findall(r"(ecommerce\.\S+) +(\d+) +(\d+) +(\d+) commits", told)


def test_without_apply_it_is_only_shown(started: list[Any]) -> None:
    told = lakehouse("ecommerce", "--to", "manual__2025-04-02T06:00:00")

    assert shown(told) == [
        ("ecommerce.bronze.orders", "2", "1", "1"),
        ("ecommerce.gold.daily_sales", "5", "2", "2"),
    ]
    assert "Nothing is restored" in told
    assert started == []


def test_with_apply_airflow_is_told_every_version(started: list[Any]) -> None:
    lakehouse("ecommerce", "--to", RUN, "--apply", "--reason", "a wrong delivery")

    assert started == [
        ("recovery", {"domain": "ecommerce", "versions": VERSIONS, "reason": "a wrong delivery"})
    ]


def test_a_time_means_the_newest_manifest_until_then(lake: "S3Client", started: list[Any]) -> None:
    written = datetime.now(UTC)
    later = (written + timedelta(minutes=1)).isoformat()
    put_manifest(lake, "manual__later", {"ecommerce.bronze.orders": 2})
    lakehouse("ecommerce", "--to", later)
    with pytest.raises(CommandError, match="no run of ecommerce had published every table of gold until"):
        lakehouse("ecommerce", "--to", "2020-01-01")


def test_one_table_goes_back_to_a_version(started: list[Any]) -> None:
    told = lakehouse("ecommerce.gold.daily_sales", "--to", "4", "--apply")

    assert shown(told) == [("ecommerce.gold.daily_sales", "5", "4", "0")]
    assert started[0][1]["versions"] == {"ecommerce.gold.daily_sales": 4}


def test_one_table_goes_back_to_a_run(started: list[Any]) -> None:
    lakehouse("ecommerce.bronze.orders", "--to", RUN, "--apply")

    assert started[0][1]["versions"] == {"ecommerce.bronze.orders": 1}


def test_a_table_that_is_there_already_needs_nothing(started: list[Any]) -> None:
    assert "nothing to restore" in lakehouse("ecommerce.gold.daily_sales", "--to", "5", "--apply")
    assert started == []


def test_a_log_that_is_gone_is_told_before_anybody_is_asked(lake: "S3Client", started: list[Any]) -> None:
    lake.delete_object(Bucket="lake", Key=f"bronze/orders/_delta_log/{2:020d}.json")
    commit(lake, "bronze/orders", 3, ADD)
    with pytest.raises(CommandError, match="commit 2 is no longer in the log"):
        lakehouse("ecommerce", "--to", RUN)
    assert started == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("weather", "--to", RUN), "there is no domain 'weather'"),
        (("ecommerce", "--to", "gone"), "run gone wrote none"),
        (("ecommerce.gold.weather", "--to", "1"), "has no table 'weather'"),
        (("ecommerce.gold.customer_insights", "--to", RUN), "does not name ecommerce.gold.customer_insights"),
    ],
)
def test_what_is_not_there_is_named(words: tuple[str, ...], told: str) -> None:
    with pytest.raises(CommandError, match=told):
        lakehouse(*words)
