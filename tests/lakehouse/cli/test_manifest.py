"""`lakehouse manifest`: which versions belong together."""

import json
import re
from typing import TYPE_CHECKING

import pytest
from moto.athena.models import AthenaBackend
from typer.testing import CliRunner

from lakehouse.cli.failure import CommandError
from lakehouse.cli.main import app

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

VERSIONS = {"ecommerce.bronze.orders": 3, "ecommerce.silver.orders": 4, "ecommerce.gold.daily_sales": 12}


def lakehouse(*words: str) -> str:
    result = CliRunner().invoke(app, ["manifest", *words], catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def put(lake: "S3Client", name: str, run_id: str, versions: dict[str, int]) -> None:
    published_at = "2025-04-03T06:10:00+00:00"
    document = {"domain": "ecommerce", "run_id": run_id, "published_at": published_at, "tables": versions}
    key = f"metadata/manifests/ecommerce/{name}.json"
    lake.put_object(Bucket="lake", Key=key, Body=json.dumps(document).encode())


@pytest.fixture(autouse=True)
def manifests(lake: "S3Client", backend: AthenaBackend) -> None:
    put(lake, "latest", "manual__2025-04-03T06-00-00", VERSIONS)
    put(lake, "manual__2025-04-02T06-00-00", "manual__2025-04-02T06-00-00", {"ecommerce.bronze.orders": 1})


def test_the_latest_with_an_example_how_to_read_it() -> None:
    told = lakehouse("ecommerce")
    assert "manual__2025-04-03T06-00-00" in told
    for table, version in VERSIONS.items():
        layer, name = table.split(".")[1:]
        assert re.search(rf"{re.escape(table)} +{version} +s3://lake/{layer}/{name}", told)
    assert "SELECT * FROM delta.`s3://lake/gold/daily_sales` VERSION AS OF 12" in told
    assert 'DeltaTable("s3://lake/gold/daily_sales", version=12)' in told


def test_json_is_the_document() -> None:
    told = json.loads(lakehouse("ecommerce", "--format", "json"))
    assert told == {"domain": "ecommerce", "run_id": "manual__2025-04-03T06-00-00", "tables": VERSIONS}


def test_a_run_is_named_as_airflow_shows_it() -> None:
    told = json.loads(lakehouse("ecommerce", "--run", "manual__2025-04-02T06:00:00", "--format", "json"))
    assert told["tables"] == {"ecommerce.bronze.orders": 1}


def test_before_the_first_there_is_a_way_to_one(lake: "S3Client") -> None:
    lake.delete_object(Bucket="lake", Key="metadata/manifests/ecommerce/latest.json")
    with pytest.raises(
        CommandError,
        match=r"no run has published every table of gold yet; start one with `lakehouse run ecommerce`",
    ):
        lakehouse("ecommerce")


def test_a_run_without_one_is_named() -> None:
    with pytest.raises(CommandError, match=r"manifests/ecommerce/gone\.json: run gone wrote none"):
        lakehouse("ecommerce", "--run", "gone")


def test_a_domain_that_does_not_exist_lists_those_that_do() -> None:
    with pytest.raises(CommandError, match=r"no domain 'weather'; there is .*ecommerce"):
        lakehouse("weather")
