"""The Glue catalog, as Spark, Athena DDL and Trino use it."""

import botocore.exceptions
import pytest

LOCATION = "s3://lake/silver/orders"


@pytest.fixture(scope="module")
def glue(storage):
    client = storage.client("glue")
    client.create_database(DatabaseInput={"Name": "shop"})
    return client


@pytest.mark.parametrize(
    ("name", "parameters", "serde"),
    [
        ("athena_ddl", {"table_type": "DELTA", "EXTERNAL": "TRUE"}, {}),
        ("lower_case", {"table_type": "delta"}, {}),
        ("spark_ddl", {"spark.sql.sources.provider": "delta"}, {"path": LOCATION}),
    ],
)
@pytest.mark.parametrize("by", ["create", "update"])
def test_delta_tables_carry_what_trino_looks_for(glue, name, parameters, serde, by):
    table = {
        "Name": f"{name}_{by}",
        "Parameters": parameters if by == "create" else {},
        "StorageDescriptor": {"Location": LOCATION, "SerdeInfo": {"Parameters": serde}},
    }
    glue.create_table(DatabaseName="shop", TableInput=table)
    if by == "update":
        glue.update_table(DatabaseName="shop", TableInput={**table, "Parameters": parameters})
    found = glue.get_table(DatabaseName="shop", Name=table["Name"])["Table"]
    assert found["Parameters"] == parameters | {"table_type": "DELTA", "spark.sql.sources.provider": "delta"}
    assert found["StorageDescriptor"]["SerdeInfo"]["Parameters"]["path"] == LOCATION


def test_other_tables_are_kept_as_given(glue):
    table = {
        "Name": "csv",
        "Parameters": {"classification": "csv"},
        "StorageDescriptor": {"Location": LOCATION},
    }
    glue.create_table(DatabaseName="shop", TableInput=table)
    found = glue.get_table(DatabaseName="shop", Name="csv")["Table"]
    assert found["Parameters"] == {"classification": "csv"}
    assert "SerdeInfo" not in found["StorageDescriptor"]


@pytest.mark.conforms(
    "glue:CreateTable",
    "glue/latest/webapi/API_TableInput.html",
    "For Hive compatibility, this is folded to lowercase when it is stored.",
)
def test_names_are_lower_case(glue):
    glue.create_database(DatabaseInput={"Name": "Mixed"})
    glue.create_table(DatabaseName="MIXED", TableInput={"Name": "Orders"})
    assert [table["Name"] for table in glue.get_tables(DatabaseName="mixed")["TableList"]] == ["orders"]
    glue.delete_table(DatabaseName="mixed", Name="ORDERS")
    assert glue.get_tables(DatabaseName="mixed")["TableList"] == []


def test_calls_of_trinos_connectors_are_answered(glue):
    glue.create_table(
        DatabaseName="shop", TableInput={"Name": "t", "StorageDescriptor": {"Location": LOCATION}}
    )
    where = {"DatabaseName": "shop", "TableName": "t"}
    assert glue.get_column_statistics_for_table(**where, ColumnNames=["c"])["ColumnStatisticsList"] == []
    found = glue.get_column_statistics_for_partition(**where, PartitionValues=["1"], ColumnNames=["c"])
    assert found["ColumnStatisticsList"] == []
    assert glue.get_user_defined_functions(DatabaseName="shop", Pattern=".*")["UserDefinedFunctions"] == []


def test_missing_things_are_entity_not_found(glue):
    for call in (
        lambda: glue.get_database(Name="none"),
        lambda: glue.get_table(DatabaseName="shop", Name="none"),
        lambda: glue.start_job_run(JobName="none"),
        lambda: glue.get_job_runs(JobName="none"),
        lambda: glue.update_job(JobName="none", JobUpdate={}),
    ):
        with pytest.raises(glue.exceptions.EntityNotFoundException):
            call()


@pytest.mark.conforms(
    "glue:UpdateJob",
    "glue/latest/webapi/API_UpdateJob.html",
    "The previous job definition is completely overwritten by this information.",
)
def test_update_replaces_a_job(glue):
    command = {"Name": "glueetl", "ScriptLocation": "s3://lake/a.py"}
    glue.create_job(Name="j", Role="r", Command=command, Timeout=5, DefaultArguments={"--a": "1"})
    glue.update_job(JobName="j", JobUpdate={"Role": "r2", "Command": command, "GlueVersion": "6.0"})
    job = glue.get_job(JobName="j")["Job"]
    assert (job["Role"], job["GlueVersion"], job.get("Timeout"), job["DefaultArguments"]) == (
        "r2",
        "6.0",
        None,
        {},
    )
    with pytest.raises(botocore.exceptions.ClientError, match="already exists"):
        glue.create_job(Name="j", Role="r", Command=command)
