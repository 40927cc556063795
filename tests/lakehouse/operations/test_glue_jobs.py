"""The jobs on the embedded AWS, as moto alone cannot update one."""

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import boto3
import pytest
from botocore.exceptions import ClientError

from lakehouse.operations.glue_jobs import STEPS, Artifacts, ensure_jobs
from lakehouse.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SCRIPTS = "s3://lake/scripts"
WHEEL = f"{SCRIPTS}/lakehouse-0.1.0-py3-none-any.whl"
ARTIFACTS = Artifacts(SCRIPTS, WHEEL, f"{SCRIPTS}/log-store.jar", f"{SCRIPTS}/environment.tar.gz")


@pytest.fixture
def prefix(s3: "S3Client", monkeypatch: pytest.MonkeyPatch) -> str:
    """Jobs of this test's own, and a role that does not exist yet."""
    own = f"test-{uuid4().hex[:8]}-"
    monkeypatch.setenv("LAKEHOUSE_JOB_PREFIX", own)
    monkeypatch.setenv("LAKEHOUSE_GLUE_ROLE", f"{own}role")
    return own


@pytest.fixture
def role(prefix: str) -> str:
    iam = boto3.client("iam")
    made = iam.create_role(RoleName=f"{prefix}role", AssumeRolePolicyDocument=json.dumps({"Statement": []}))
    return made["Role"]["Arn"]


def jobs(prefix: str) -> dict[str, Any]:
    """Step → its job."""
    found = boto3.client("glue").get_jobs()["Jobs"]
    return {job["Name"].removeprefix(prefix): job for job in found if job["Name"].startswith(prefix)}


def test_a_job_for_each_step(prefix: str, role: str) -> None:
    ensure_jobs(Settings(), ARTIFACTS)

    assert set(jobs(prefix)) == set(STEPS)
    job = jobs(prefix)["bronze_to_silver"]
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
        "spark.delta.logStore.s3.impl=lakehouse.S3ConditionalPutLogStore",
        "spark.delta.logStore.s3a.impl=lakehouse.S3ConditionalPutLogStore",
    ]
    assert arguments["--extra-jars"] == "s3://lake/scripts/log-store.jar"


def test_without_an_environment_glues_own_modules_serve(prefix: str, role: str) -> None:
    ensure_jobs(Settings(), replace(ARTIFACTS, environment=None))

    assert all("--python-virtual-env" not in job["DefaultArguments"] for job in jobs(prefix).values())


def test_jobs_are_brought_up_to_date(prefix: str, role: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ensure_jobs(Settings(), ARTIFACTS)
    monkeypatch.setenv("LAKEHOUSE_NUMBER_OF_WORKERS", "10")
    monkeypatch.setenv("LAKEHOUSE_JOB_TIMEOUT_MINUTES", "30")

    ensure_jobs(Settings(), replace(ARTIFACTS, wheel=f"{SCRIPTS}/lakehouse-0.2.0-py3-none-any.whl"))

    assert set(jobs(prefix)) == set(STEPS)
    for job in jobs(prefix).values():
        assert (job["NumberOfWorkers"], job["Timeout"], job["Role"]) == (10, 30, role)
        assert job["DefaultArguments"]["--extra-py-files"].endswith("lakehouse-0.2.0-py3-none-any.whl")


def test_of_a_job_that_terraform_owns_only_the_code_is_switched(prefix: str, role: str) -> None:
    glue: Any = boto3.client("glue")
    own = {
        "--extra-py-files": "s3://lake/first.whl",
        "--conf": "spark.x=1",
        "--python-virtual-env": "s3://lake/old",
    }
    glue.create_job(
        Name=f"{prefix}publish",
        Role=role,
        Command={"Name": "glueetl", "ScriptLocation": "s3://lake/first.py", "PythonVersion": "3"},
        DefaultArguments=own,
        GlueVersion="6.0",
        WorkerType="G.2X",
        NumberOfWorkers=7,
        Timeout=33,
        SecurityConfiguration="encrypted",
        Tags={"ManagedBy": "terraform"},
    )

    ensure_jobs(Settings(), replace(ARTIFACTS, environment=None))

    job = jobs(prefix)["publish"]
    assert job["Command"]["ScriptLocation"] == f"{SCRIPTS}/glue/publish.py"
    assert job["DefaultArguments"] == {
        "--extra-py-files": WHEEL,
        "--extra-jars": f"{SCRIPTS}/log-store.jar",
        "--expectations-uri": f"{SCRIPTS}/expectations",
        "--conf": "spark.x=1",
    }
    kept = (job["WorkerType"], job["NumberOfWorkers"], job["Timeout"], job["SecurityConfiguration"])
    assert kept == ("G.2X", 7, 33, "encrypted")


def test_a_domain_can_have_jobs_of_its_own(prefix: str, role: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAKEHOUSE_JOB_PREFIXES", json.dumps({"clinical": f"{prefix}clinical-"}))

    ensure_jobs(Settings(), ARTIFACTS)

    assert set(jobs(prefix)) == {*STEPS, *(f"clinical-{step}" for step in STEPS)}
    assert Settings().job_name("publish", "clinical") == f"{prefix}clinical-publish"
    assert Settings().job_name("publish", "ecommerce") == f"{prefix}publish"


def test_the_role_must_exist(prefix: str) -> None:
    with pytest.raises(ClientError, match="GetRole"):
        ensure_jobs(Settings(), ARTIFACTS)
    assert jobs(prefix) == {}
