"""What a deployment puts into the bucket, on the embedded AWS, as moto alone cannot update a job."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest

from lakehouse.operations.deploy import LOG_STORE, DeployError, deploy
from lakehouse.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

WHEEL = "lakehouse-0.1.0-py3-none-any.whl"

type Uploads = Callable[[], list[str]]


@pytest.fixture
def project(tmp_path: Path, s3: "S3Client", bucket: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout whose bucket and role exist; the bucket keeps versions."""
    files = {
        "include/glue_scripts/publish.py": "publish",
        "include/glue_scripts/notes.txt": "not a script",
        "expectations/shop/silver/orders.json": "{}",
        f"dist/{WHEEL}": "wheel",
        LOG_STORE: "jar",
    }
    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    trust = json.dumps({"Statement": []})
    boto3.client("iam").create_role(RoleName=bucket, AssumeRolePolicyDocument=trust)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    monkeypatch.setenv("ECOM_S3_BUCKET_NAME", bucket)
    monkeypatch.setenv("LAKEHOUSE_GLUE_ROLE", bucket)
    monkeypatch.setenv("LAKEHOUSE_JOB_PREFIX", f"{bucket}-")
    return tmp_path


@pytest.fixture
def uploads(s3: "S3Client", bucket: str) -> Uploads:
    """The objects' keys, one for each version of each."""
    return lambda: sorted(one["Key"] for one in s3.list_object_versions(Bucket=bucket).get("Versions", ()))


def test_scripts_suites_and_wheel_are_uploaded(
    project: Path, s3: "S3Client", bucket: str, uploads: Uploads
) -> None:
    assert deploy(Settings(), project, project / LOG_STORE) == f"s3://{bucket}/scripts/{WHEEL}"

    assert uploads() == [
        "scripts/expectations/shop/silver/orders.json",
        "scripts/glue/publish.py",
        f"scripts/{WHEEL}",
        "scripts/lakehouse-log-store.jar",
    ]
    assert s3.get_object(Bucket=bucket, Key="scripts/glue/publish.py")["Body"].read() == b"publish"
    job = boto3.client("glue").get_job(JobName=f"{bucket}-publish")["Job"]
    assert job["DefaultArguments"]["--expectations-uri"] == f"s3://{bucket}/scripts/expectations"


def test_only_what_changed_is_uploaded_again(project: Path, uploads: Uploads) -> None:
    deploy(Settings(), project, project / LOG_STORE)
    before = uploads()
    deploy(Settings(), project, project / LOG_STORE)
    assert uploads() == before

    (project / "include/glue_scripts/publish.py").write_text("publish better")
    deploy(Settings(), project, project / LOG_STORE)

    assert uploads() == sorted([*before, "scripts/glue/publish.py"])


def test_the_packed_environment_goes_along(project: Path, bucket: str, uploads: Uploads) -> None:
    packed = project / "any-name.tar.gz"
    packed.write_bytes(b"modules")

    deploy(Settings(), project, project / LOG_STORE, packed)

    assert "scripts/environment.tar.gz" in uploads()
    job = boto3.client("glue").get_job(JobName=f"{bucket}-publish")["Job"]
    assert job["DefaultArguments"]["--python-virtual-env"] == f"s3://{bucket}/scripts/environment.tar.gz"


def test_a_wheel_that_is_missing_is_named(project: Path) -> None:
    (project / "dist" / WHEEL).unlink()

    with pytest.raises(DeployError, match="holds no lakehouse wheel: run "):
        deploy(Settings(), project, project / LOG_STORE)


def test_the_newest_wheel_is_taken(project: Path) -> None:
    newer = project / "dist" / "lakehouse-0.0.9-py3-none-any.whl"
    newer.write_bytes(b"newer")
    os.utime(newer, (4e9, 4e9))

    assert deploy(Settings(), project, project / LOG_STORE).endswith("lakehouse-0.0.9-py3-none-any.whl")


def test_without_the_log_store_nothing_is_deployed(project: Path) -> None:
    (project / LOG_STORE).unlink()
    with pytest.raises(DeployError, match=r"lakehouse-log-store\.jar is missing: run `make setup`"):
        deploy(Settings(), project, project / LOG_STORE)
