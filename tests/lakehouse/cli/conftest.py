"""Commands against AWS in memory: an S3 with one bucket, and an Athena that answers with what a test lays ready."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import boto3
import pytest
from moto.athena.models import AthenaBackend, QueryResults, athena_backends

from lakehouse.operations import athena

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

type LayReady = Callable[..., None]


@pytest.fixture
def backend(lake: "S3Client", monkeypatch: pytest.MonkeyPatch) -> AthenaBackend:
    """Moto's Athena with the work group and a run ledger, and the settings of commands that name the bucket `lake`."""
    monkeypatch.setenv("ECOM_S3_BUCKET_NAME", "lake")
    monkeypatch.setattr(athena, "_POLL_SECONDS", 0.001)
    boto3.client("athena").create_work_group(Name="lakehouse")
    boto3.client("glue").create_database(DatabaseInput={"Name": "operations_bronze"})
    boto3.client("glue").create_table(DatabaseName="operations_bronze", TableInput={"Name": "runs"})
    found: AthenaBackend = athena_backends["123456789012"]["us-east-1"]
    return found


@pytest.fixture
def lay_ready(backend: AthenaBackend) -> LayReady:
    """Queue the answer to the next query: its columns and rows."""

    def lay(columns: list[str], *rows: list[str | None]) -> None:
        table: list[list[str | None]] = [[*columns], *rows]
        cells = [{"Data": [{} if v is None else {"VarCharValue": v} for v in row]} for row in table]
        info = [{"Name": name, "Type": "varchar"} for name in columns]
        backend.query_results_queue.append(QueryResults(cells, info))

    return lay
