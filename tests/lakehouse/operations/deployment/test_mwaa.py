"""MWAA cannot run here: botocore checks what is sent against AWS's own model, and answers are in AWS's words."""

from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from lakehouse.operations.artifacts.manifest import Environment, Manifest
from lakehouse.operations.deploy import DeployError
from lakehouse.operations.deployment import mwaa
from lakehouse.operations.deployment.mwaa import switch_airflow
from lakehouse.operations.deployment.store import Store

VERSION = "a" * 40
MANIFEST = Manifest(
    version=VERSION,
    wheel="engine.whl",
    log_store="store.jar",
    environment=Environment(name="linux.tar.gz", platform="linux", lock_sha256="5" * 64),
    artifacts=(),
)


@pytest.fixture
def store(lake: Any) -> Store:
    """A bucket that keeps versions, with the build's files."""
    lake.put_bucket_versioning(Bucket="lake", VersioningConfiguration={"Status": "Enabled"})
    for name in ("plugins.zip", "requirements.txt", "startup.sh"):
        lake.put_object(Bucket="lake", Key=f"releases/{VERSION}/{name}", Body=b"x")
    return Store("lake", "us-east-1")


@pytest.fixture
def aws_mwaa(store: Store, monkeypatch: pytest.MonkeyPatch) -> Stubber:
    client = boto3.client("mwaa", region_name="us-east-1")
    monkeypatch.setattr(boto3, "client", lambda *_, **__: client)
    monkeypatch.setattr(mwaa, "_POLL_SECONDS", 0)
    stubber = Stubber(client)
    stubber.activate()
    return stubber


def environment(status: str, update: str, reason: str | None = None) -> dict[str, Any]:
    error = {"Error": {"ErrorMessage": reason}} if reason else {}
    return {"Environment": {"Name": "shop", "Status": status, "LastUpdate": {"Status": update, **error}}}


def expect_update(aws_mwaa: Stubber, store: Store) -> None:
    folder = f"releases/{VERSION}"
    places = {"Name": "shop", "DagS3Path": f"{folder}/dags"}
    for name, file in (
        ("Plugins", "plugins.zip"),
        ("Requirements", "requirements.txt"),
        ("StartupScript", "startup.sh"),
    ):
        places[f"{name}S3Path"] = f"{folder}/{file}"
        version = store.object_version(f"{folder}/{file}")
        assert version
        places[f"{name}S3ObjectVersion"] = version
    aws_mwaa.add_response(
        "update_environment", {"Arn": "arn:aws:airflow:us-east-1:1:environment/shop"}, places
    )


def test_mwaa_is_pointed_to_the_builds_files_and_waited_for(aws_mwaa: Stubber, store: Store) -> None:
    expect_update(aws_mwaa, store)
    for answer in (("UPDATING", "PENDING"), ("AVAILABLE", "PENDING"), ("AVAILABLE", "SUCCESS")):
        aws_mwaa.add_response("get_environment", environment(*answer), {"Name": "shop"})

    switch_airflow("shop", "us-east-1", store, MANIFEST)

    aws_mwaa.assert_no_pending_responses()


@pytest.mark.parametrize("ended", [("AVAILABLE", "FAILED"), ("UPDATE_FAILED", "FAILED")])
def test_an_update_that_fails_is_told_with_its_reason(
    aws_mwaa: Stubber, store: Store, ended: tuple[str, str]
) -> None:
    expect_update(aws_mwaa, store)
    aws_mwaa.add_response("get_environment", environment("ROLLING_BACK", "FAILED"), {"Name": "shop"})
    aws_mwaa.add_response("get_environment", environment(*ended, reason="no such wheel"), {"Name": "shop"})

    with pytest.raises(DeployError, match=f"shop is {ended[0]}, its update failed: no such wheel"):
        switch_airflow("shop", "us-east-1", store, MANIFEST)
