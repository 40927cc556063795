"""Queries that fail on demand."""

import pytest
from deltalake import write_deltalake

from local_aws.faults.client import FaultClient

START = {"service": "athena", "operation": "StartQueryExecution"}


@pytest.fixture
def faults(aws):
    client = FaultClient(aws["AWS_ENDPOINT_URL"])
    yield client
    client.clear()


@pytest.mark.parametrize(
    ("fault", "reason", "error_type", "retryable"),
    [
        ("query_failed", "GENERIC_INTERNAL_ERROR: Internal service error", 100, True),
        (
            "query_timeout",
            "EXCEEDED_TIME_LIMIT: Query exceeded the maximum execution time limit of 30.00m",
            200,
            False,
        ),
    ],
)
@pytest.mark.parametrize("sql", ["CREATE DATABASE {}", "SELECT 1 AS {}"])
def test_a_query_fails_without_an_effect(athena, faults, run, fault, reason, error_type, retryable, sql):
    name = f"{fault}_database"
    faults.replace([START | {"fault": fault, "nth": 1}])
    status = run(sql.format(name))["Status"]
    assert (status["State"], status["StateChangeReason"]) == ("FAILED", reason)
    assert (status["AthenaError"]["ErrorType"], status["AthenaError"]["ErrorCategory"]) == (error_type, 1)
    assert status["AthenaError"]["Retryable"] is retryable
    databases = athena.list_databases(CatalogName="AwsDataCatalog")["DatabaseList"]
    assert name not in {database["Name"] for database in databases}
    assert run("SHOW DATABASES")["Status"]["State"] == "SUCCEEDED"


def test_athenas_own_calls_are_spared(faults, run, storage, orders):
    write_deltalake("s3://lake/spared", orders, storage_options=storage)
    run("CREATE DATABASE IF NOT EXISTS shop")
    everything = {"fault": "internal_error", "rate": 1}
    faults.replace([everything | {"service": "s3"}, everything | {"service": "glue"}])
    made = run(
        "CREATE EXTERNAL TABLE shop.spared LOCATION 's3://lake/spared' TBLPROPERTIES ('table_type'='DELTA')"
    )
    assert made["Status"]["State"] == "SUCCEEDED", made["Status"]
    assert [rule["matched"] for rule in faults.state()["rules"]] == [0, 0]
