"""`lakehouse run operations` after the other tests of this folder: the ledger has what Airflow and the tables say."""

import json
import re
from typing import Any

import httpx
import pytest

from tests.end_to_end.approval import restore
from tests.end_to_end.stack import Stack

PLACES = ("published", "deduplicated", "superseded", "rejected")

type Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def states(stack: Stack) -> dict[str, str]:
    """Run of the DAG ecommerce, as the ledger names it → its state in Airflow."""
    port = stack.environment["LAKEHOUSE_LAPTOP_AIRFLOW_PORT"]
    found = httpx.get(f"http://127.0.0.1:{port}/api/v2/dags/ecommerce/dagRuns", params={"limit": 1000}).json()
    return {re.sub(r"[^A-Za-z0-9_.-]", "-", run["dag_run_id"]): run["state"] for run in found["dag_runs"]}


@pytest.fixture(scope="module")
def runs(stack: Stack, states: dict[str, str]) -> Rows:
    """The ledger, told after the runs that `states` knows."""
    assert len(states) > 1
    stack.must("run", "operations")
    rows: Rows = stack.table("gold", "runs").to_pyarrow_table().to_pylist()
    return [row for row in rows if row["domain"] == "ecommerce"]


def versions(datasets: Rows) -> dict[str, str]:
    """Tables of OpenLineage's datasets by their path in the bucket, and the Delta versions told of them."""
    return {one["name"]: one["facets"]["version"]["datasetVersion"] for one in datasets}


def test_runs_that_did_something_are_in_the_ledger(states: dict[str, str], runs: Rows) -> None:
    assert {row["run_id"] for row in runs} <= set(states)
    died = {row["run_id"] for row in runs if row["outcome"] == "not_published"}
    assert died == {run for run, state in states.items() if state == "failed"}
    assert died, "the task `record` made a failed run green"


def test_each_publication_is_the_commit_that_the_table_has(stack: Stack, runs: Rows) -> None:
    published = [row for row in runs if row["outcome"] == "published"]
    assert {row["layer"] for row in published} == {"bronze", "silver", "gold"}
    for row in published:
        _, layer, name = row["table_address"].split(".")
        by_version = {commit["version"]: commit for commit in stack.table(layer, name).history()}
        said = json.loads(by_version[row["version_after"]]["userMetadata"])
        assert said["run_id"] == row["run_id"], row["table_address"]


def test_rows_rejected_are_those_of_the_table_of_rejected_rows(stack: Stack, runs: Rows) -> None:
    rejected = stack.table("rejected", "orders").to_pyarrow_table().num_rows
    judged = [row for row in runs if row["table_address"] == "ecommerce.silver.orders"]
    assert rejected <= sum(row["rows_rejected"] or 0 for row in judged)
    assert all(
        row["rows_read"] == sum(row[f"rows_{place}"] for place in PLACES)
        for row in judged
        if row["rows_read"] is not None
    )


def test_what_a_run_used_has_a_price(runs: Rows) -> None:
    gold = [row for row in runs if row["layer"] == "gold" and row["outcome"] == "published"]
    assert all(row["bytes_scanned"] > 0 and row["dpu_seconds"] > 0 and row["cost_usd"] > 0 for row in gold)


def test_the_expectation_that_closed_the_gate_is_kept(stack: Stack, runs: Rows) -> None:
    found: Rows = stack.table("gold", "quality").to_pyarrow_table().to_pylist()
    broken = {
        (row["run_id"], row["expectation"])
        for row in found
        if row["table_address"] == "ecommerce.silver.orders"
        and row["severity"] == "critical"
        and not row["success"]
    }
    failed = {row["run_id"] for row in runs if row["verdict"] == "failed"}
    assert failed
    assert broken >= {(run, "user_id must be present and a valid integer") for run in failed}


def test_lineage_names_the_versions_that_the_tables_commits_name(stack: Stack, runs: Rows) -> None:
    published = [
        row
        for row in runs
        if row["table_address"] == "ecommerce.gold.daily_sales" and row["outcome"] == "published"
    ]
    last = max(published, key=lambda row: row["version_after"])
    by_version = {commit["version"]: commit for commit in stack.table("gold", "daily_sales").history()}
    read = json.loads(by_version[last["version_after"]]["userMetadata"])["inputs"]

    key = f"metadata/lineage/ecommerce/{last['run_id']}.ndjson"
    lines = stack.client("s3").get_object(Bucket=stack.bucket, Key=key)["Body"].read().splitlines()
    events = [json.loads(line) for line in lines]
    (event,) = (
        one
        for one in events
        if one["job"]["name"] == "ecommerce.silver_to_gold.daily_sales" and one["eventType"] == "COMPLETE"
    )
    assert versions(event["outputs"]) == {"gold/daily_sales": str(last["version_after"])}
    assert versions(event["inputs"]) == {
        "/".join(address.split(".")[1:]): str(version) for address, version in read.items()
    }
    assert "s3://" in stack.must("lineage", "ecommerce.gold.daily_sales", "--events")


def test_metrics_are_in_the_log(stack: Stack, runs: Rows) -> None:
    events = stack.client("logs").get_log_events(
        logGroupName="/lakehouse/metrics", logStreamName="operations", startFromHead=True
    )["events"]
    assert runs
    assert {json.loads(event["message"])["Table"] for event in events} >= {"runs", "quality"}


def test_a_domain_goes_back_once_somebody_approves(stack: Stack, runs: Rows) -> None:
    first = min((row for row in runs if row["outcome"] == "published"), key=lambda row: row["started_at"])
    manifest = json.loads(stack.must("manifest", "ecommerce", "--run", first["run_id"], "--format", "json"))
    version = manifest["tables"]["ecommerce.gold.daily_sales"]
    then = stack.table("gold", "daily_sales")
    then.load_as_version(version)
    assert then.to_pyarrow_table().num_rows < stack.table("gold", "daily_sales").to_pyarrow_table().num_rows

    restore(stack, "ecommerce", first["run_id"])

    now = stack.table("gold", "daily_sales")
    assert now.version() > version
    order = [("date", "ascending")]
    assert now.to_pyarrow_table().sort_by(order) == then.to_pyarrow_table().sort_by(order)
