"""One embedded AWS with Trino for all tests of this folder, reached through nothing but the environment."""

import contextlib
import datetime as dt
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import boto3
import pyarrow as pa
import pytest
from deltalake import write_deltalake

CHECKOUT = Path(__file__).parents[3]
SOURCE = CHECKOUT / "local_aws" / "src"
BUCKET = "lake"
RESULTS = f"s3://{BUCKET}/results/"

Query = Callable[..., dict[str, Any]]


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def free_port() -> Callable[[], int]:
    return unused_port


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A running server; the value is what a client needs in its environment."""
    trino_home = CHECKOUT / ".cache" / "trino"
    if not trino_home.is_dir():
        pytest.fail(f"{trino_home} is missing: run `make setup`")
    folder = tmp_path_factory.mktemp("athena")
    port, trino_port = unused_port(), unused_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment |= {
        "PYTHONPATH": str(SOURCE),
        "LOCAL_AWS_TRINO_PORT": str(trino_port),
        "LOCAL_AWS_TRINO_HOME": str(trino_home),
    }
    command = [sys.executable, "-m", "local_aws", "serve", "--port", str(port), "--no-warm"]
    with (folder / "server.out").open("wb") as output:
        server = subprocess.Popen(
            [*command, "--state-dir", str(folder / "state")],
            env=environment,
            cwd=folder,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _await_port(port, server, folder)
        yield {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
        }
    finally:
        server.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(timeout=20)
        server.kill()


def _await_port(port: int, server: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and server.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    pytest.fail(f"the server did not start: {(folder / 'server.out').read_text()}")


@pytest.fixture(scope="session")
def aws(stack: dict[str, str]) -> Iterator[dict[str, str]]:
    """Only these variables tell the clients of a test where AWS is."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        for name, value in stack.items():
            patch.setenv(name, value)
        boto3.setup_default_session()
        boto3.client("s3").create_bucket(Bucket=BUCKET)
        yield stack


@pytest.fixture(scope="session")
def athena(aws: dict[str, str]) -> Any:
    return boto3.client("athena")


@pytest.fixture(scope="session")
def run(athena: Any) -> Query:
    """Run a statement to its end; returns its QueryExecution."""

    def run_to_end(sql: str, database: str = "shop", **options: Any) -> dict[str, Any]:
        query_id = athena.start_query_execution(
            QueryString=sql,
            QueryExecutionContext={"Database": database, "Catalog": "AwsDataCatalog"},
            ResultConfiguration={"OutputLocation": RESULTS},
            **options,
        )["QueryExecutionId"]
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            execution: dict[str, Any] = athena.get_query_execution(QueryExecutionId=query_id)[
                "QueryExecution"
            ]
            if execution["Status"]["State"] not in {"QUEUED", "RUNNING"}:
                return execution
            time.sleep(0.05)
        pytest.fail(f"{sql} did not end: {execution}")

    return run_to_end


@pytest.fixture(scope="session")
def rows(athena: Any, run: Query) -> Callable[..., list[list[str | None]]]:
    """Run a statement that must succeed; returns its rows, the header included."""

    def fetch(sql: str, database: str = "shop", **options: Any) -> list[list[str | None]]:
        execution = run(sql, database, **options)
        assert execution["Status"]["State"] == "SUCCEEDED", execution["Status"]
        result = athena.get_query_results(QueryExecutionId=execution["QueryExecutionId"])
        return [[cell.get("VarCharValue") for cell in row["Data"]] for row in result["ResultSet"]["Rows"]]

    return fetch


@pytest.fixture(scope="session")
def storage(aws: dict[str, str]) -> dict[str, str]:
    """Options with which the Delta library writes to the emulated S3."""
    return {**aws, "AWS_ALLOW_HTTP": "true", "AWS_S3_ALLOW_UNSAFE_RENAME": "true"}


@pytest.fixture(scope="session")
def orders() -> pa.Table:
    """One column of each type that matters, three rows in two days."""
    return pa.table(
        {
            "order_id": pa.array([1, 2, 3], pa.int64()),
            "user_id": pa.array([7, 7, 8], pa.int32()),
            "amount": pa.array([Decimal("10.50"), Decimal("0.06"), None], pa.decimal128(18, 2)),
            "placed": pa.array(
                [
                    dt.datetime(2025, 4, 1, 11, 27, tzinfo=dt.UTC),
                    dt.datetime(2025, 4, 1, tzinfo=dt.UTC),
                    None,
                ],
                pa.timestamp("us", tz="UTC"),
            ),
            "is_paid": pa.array([True, False, None]),
            "note": pa.array(['say "hi"', "", None]),
            "share": pa.array([0.1, 10_000_000.0, None]),
            "tags": pa.array([["a", "b"], [], None], pa.list_(pa.string())),
            "date": pa.array([dt.date(2025, 4, 1), dt.date(2025, 4, 1), dt.date(2025, 4, 2)]),
        }
    )


@pytest.fixture(scope="session")
def shop(run: Query, storage: dict[str, str], orders: pa.Table) -> None:
    """Database ``shop`` with Delta tables ``orders`` (partitioned by date) and ``returns`` (no row)."""
    prefix = f"s3://{BUCKET}/shop"
    write_deltalake(f"{prefix}/orders", orders, partition_by=["date"], storage_options=storage)
    write_deltalake(f"{prefix}/returns", orders.slice(0, 0), storage_options=storage)
    for sql in (
        "CREATE DATABASE IF NOT EXISTS shop",
        f"CREATE EXTERNAL TABLE shop.orders LOCATION '{prefix}/orders/' TBLPROPERTIES ('table_type'='DELTA')",
        f"CREATE EXTERNAL TABLE `returns` LOCATION '{prefix}/returns' TBLPROPERTIES ('table_type' = 'delta')",
    ):
        execution = run(sql)
        assert execution["Status"]["State"] == "SUCCEEDED", execution["Status"]


@pytest.fixture(scope="session")
def succeed(run: Query) -> Query:
    """Run a statement that must succeed; returns its QueryExecution."""

    def run_well(sql: str, database: str = "shop", **options: Any) -> dict[str, Any]:
        execution = run(sql, database, **options)
        assert execution["Status"]["State"] == "SUCCEEDED", execution["Status"]
        return execution

    return run_well
