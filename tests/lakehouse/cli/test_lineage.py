"""`lakehouse lineage`: both directions as trees, and what the last run's events say."""

import json
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from lakehouse.cli.failure import CommandError
from lakehouse.cli.main import app

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def lakehouse(*words: str) -> list[str]:
    result = CliRunner().invoke(app, ["lineage", *words], catch_exceptions=False)
    assert result.exit_code == 0
    return [line.strip(" │├└─") for line in result.stdout.splitlines()]


def test_both_directions_are_shown() -> None:
    assert lakehouse("ecommerce.products") == [
        "ecommerce.silver.products is made from",
        "ecommerce.bronze.products",
        "ecommerce.silver.products goes into",
        "ecommerce.gold.customer_insights",
        "ecommerce.gold.department_analytics",
        "ecommerce.gold.product_performance",
    ]


def test_a_table_that_does_not_exist_is_named() -> None:
    with pytest.raises(CommandError, match="has no table 'weather'"):
        lakehouse("ecommerce.gold.weather")


def dataset(name: str, version: str | None = None) -> dict[str, Any]:
    facets = {"version": {"datasetVersion": version}} if version else {}
    return {"namespace": "s3://lake", "name": name, "facets": facets}


def keep(lake: "S3Client", run_id: str, state: str, table: str, version: str | None) -> None:
    """Events as `record` keeps them: those of a start name nothing."""
    start = {"eventType": "START", "eventTime": "2025-04-02T06:00:00+00:00", "inputs": [], "outputs": []}
    end = {
        "eventType": state,
        "eventTime": "2025-04-02T06:01:00+00:00",
        "inputs": [dataset("silver/orders", "4"), dataset("silver/order_items")],
        "outputs": [dataset(table, version)],
    }
    body = "".join(f"{json.dumps(event)}\n" for event in (start, end))
    lake.put_object(Bucket="lake", Key=f"metadata/lineage/ecommerce/{run_id}.ndjson", Body=body.encode())


@pytest.mark.usefixtures("backend")
def test_events_show_the_last_run_that_made_the_table(lake: "S3Client") -> None:
    keep(lake, "run-1", "COMPLETE", "gold/daily_sales", "7")
    keep(lake, "run-2", "COMPLETE", "gold/customer_insights", "2")

    assert lakehouse("ecommerce.gold.daily_sales", "--events") == [
        "ecommerce.gold.daily_sales COMPLETE at 2025-04-02T06:01:00+00:00, run run-1",
        "s3://lake/gold/daily_sales version 7",
        "s3://lake/silver/orders version 4",
        "s3://lake/silver/order_items",
    ]


@pytest.mark.usefixtures("backend")
def test_a_run_that_failed_is_the_last_one_too(lake: "S3Client") -> None:
    keep(lake, "run-2", "FAIL", "gold/daily_sales", None)

    shown = lakehouse("ecommerce.gold.daily_sales", "--events")
    assert "FAIL" in shown[0]
    assert shown[1] == "s3://lake/gold/daily_sales"


@pytest.mark.usefixtures("lake", "backend")
def test_without_events_there_is_a_way_to_some() -> None:
    with pytest.raises(CommandError, match="no run has told of"):
        lakehouse("ecommerce.gold.daily_sales", "--events")
