import json
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError

from lakehouse.operations.glue_jobs import STEPS, ensure_jobs
from lakehouse.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SCRIPTS, WHEEL = "s3://lake/scripts", "s3://lake/scripts/lakehouse-0.1.0-py3-none-any.whl"


@pytest.fixture
def role(lake: "S3Client") -> str:
    iam = boto3.client("iam")
    made = iam.create_role(RoleName="lakehouse-glue", AssumeRolePolicyDocument=json.dumps({"Statement": []}))
    return made["Role"]["Arn"]


def jobs() -> dict[str, Any]:
    return {job["Name"]: job for job in boto3.client("glue").get_jobs()["Jobs"]}


def test_a_job_for_each_step(role: str) -> None:
    ensure_jobs(Settings(), SCRIPTS, WHEEL, "s3://lake/scripts/environment.tar.gz")

    assert set(jobs()) == {f"lakehouse-{step}" for step in STEPS}
    job = jobs()["lakehouse-bronze_to_silver"]
    assert job["Role"] == role
    assert job["Command"] == {
        "Name": "glueetl",
        "ScriptLocation": "s3://lake/scripts/glue/bronze_to_silver.py",
        "PythonVersion": "3",
    }
    assert (job["GlueVersion"], job["WorkerType"], job["NumberOfWorkers"]) == ("6.0", "G.1X", 2)
    assert (job["Timeout"], job["MaxRetries"]) == (120, 0)
    arguments = job["DefaultArguments"]
    assert arguments["--extra-py-files"] == WHEEL
    assert arguments["--datalake-formats"] == "delta"
    assert arguments["--python-virtual-env"] == "s3://lake/scripts/environment.tar.gz"
    # Glue takes one --conf: further ones hide in its value.
    assert arguments["--conf"].split(" --conf ") == [
        "spark.sql.extensions=io.delta.sql.DeltaSparkSessionExtension",
        "spark.sql.catalog.spark_catalog=org.apache.spark.sql.delta.catalog.DeltaCatalog",
    ]


def test_without_an_environment_glues_own_modules_serve(role: str) -> None:
    ensure_jobs(Settings(), SCRIPTS, WHEEL, None)

    assert all("--python-virtual-env" not in job["DefaultArguments"] for job in jobs().values())


def test_the_role_must_exist(lake: "S3Client") -> None:
    with pytest.raises(ClientError, match="lakehouse-glue"):
        ensure_jobs(Settings(), SCRIPTS, WHEEL, None)
    assert jobs() == {}
