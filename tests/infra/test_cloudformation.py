"""The CloudFormation alternative, deployed to an embedded AWS by its script."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lakehouse.operations.glue_jobs import CODE_ARGUMENTS, STEPS, Artifacts, definition
from lakehouse.settings import Settings
from tests.infra.conftest import client
from tests.infra.terraform import ROOT
from tests.lakehouse.embedded_aws import CREDENTIALS, embedded_aws

BUCKET = "ecommerce-lakehouse-of-a-stack"


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with embedded_aws(tmp_path_factory.mktemp("stack") / "state") as url:
        yield url


def deploy(endpoint: str, *arguments: str, answer: str = "") -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [ROOT / "infra/cloudformation/deploy.sh", *arguments],
        check=False,
        capture_output=True,
        text=True,
        input=answer,
        env={**os.environ, **CREDENTIALS, "AWS_ENDPOINT_URL": endpoint, "PYTHON": sys.executable},
    )


@pytest.fixture(scope="module")
def deployed(endpoint: str) -> str:
    done = deploy(endpoint, "--yes", f"BucketName={BUCKET}")
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_shows_changes_and_outputs(deployed: str) -> None:
    assert "lakehouse.yaml is valid" in deployed
    assert deployed.count("AWS::Glue::Job") == len(STEPS)
    assert f"BucketName      {BUCKET}" in deployed
    assert "arn:aws:iam::123456789012:role/lakehouse-glue" in deployed


def test_the_jobs_are_those_that_deploy_would_make(endpoint: str, deployed: str) -> None:
    glue = client("glue", endpoint)
    artifacts = Artifacts("s3://x/scripts", "s3://x/wheel", "s3://x/jar", None)
    for step in STEPS:
        job = glue.get_job(JobName=f"lakehouse-{step}")["Job"]
        wanted = definition(Settings(), step, artifacts)
        for name in set(wanted) - {"Command", "DefaultArguments"}:
            assert job[name] == wanted[name], name
        for argument in set(wanted["DefaultArguments"]).difference(CODE_ARGUMENTS):
            assert job["DefaultArguments"][argument] == wanted["DefaultArguments"][argument]


def test_bucket_databases_and_work_group_are_there(endpoint: str, deployed: str) -> None:
    s3, glue, athena = (client(service, endpoint) for service in ("s3", "glue", "athena"))
    assert "LakehouseHttpsOnly" in s3.get_bucket_policy(Bucket=BUCKET)["Policy"]
    assert s3.get_bucket_versioning(Bucket=BUCKET)["Status"] == "Enabled"
    names = {database["Name"] for database in glue.get_databases()["DatabaseList"]}
    assert {f"ecommerce_{layer}" for layer in ("bronze", "silver", "gold", "rejected")} <= names
    group = athena.get_work_group(WorkGroup="lakehouse")["WorkGroup"]["Configuration"]
    assert group["ResultConfiguration"]["OutputLocation"] == f"s3://{BUCKET}/athena_queries/"
    assert [topic["TopicArn"] for topic in client("sns", endpoint).list_topics()["Topics"]] == [
        "arn:aws:sns:us-east-1:123456789012:lakehouse-alerts"
    ]


def test_what_is_declined_is_not_deployed(endpoint: str) -> None:
    done = deploy(endpoint, "--stack", "other", "BucketName=never-made", answer="n\n")
    assert done.returncode == 3
    assert "never-made" not in {bucket["Name"] for bucket in client("s3", endpoint).list_buckets()["Buckets"]}


def test_a_broken_template_is_refused(endpoint: str, tmp_path: Path) -> None:
    template = tmp_path / "broken.yaml"
    template.write_text("Resources: {}\nNoSuchSection: {}\n")
    done = deploy(endpoint, "--yes", "--template", str(template))
    assert done.returncode == 1
    assert "ValidateTemplate" in done.stderr
