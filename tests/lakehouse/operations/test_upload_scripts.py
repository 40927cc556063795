"""What a deployment puts into the bucket."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest

from lakehouse.operations.deploy import DeployError, deploy, expectations_uri
from lakehouse.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

WHEEL = "lakehouse-0.1.0-py3-none-any.whl"


@pytest.fixture
def project(tmp_path: Path, lake: "S3Client", monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout whose bucket and role exist; the bucket keeps versions."""
    files = {
        "include/glue_scripts/publish.py": "publish",
        "include/glue_scripts/notes.txt": "not a script",
        "expectations/shop/silver/orders.json": "{}",
        f"dist/{WHEEL}": "wheel",
    }
    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    boto3.client("iam").create_role(
        RoleName="lakehouse-glue", AssumeRolePolicyDocument=json.dumps({"Statement": []})
    )
    lake.put_bucket_versioning(Bucket="lake", VersioningConfiguration={"Status": "Enabled"})
    monkeypatch.setenv("ECOM_S3_BUCKET_NAME", "lake")
    return tmp_path


def uploads(lake: "S3Client") -> list[str]:
    """A key for each version of each object."""
    return sorted(version["Key"] for version in lake.list_object_versions(Bucket="lake").get("Versions", ()))


def test_scripts_suites_and_wheel_are_uploaded(project: Path, lake: "S3Client") -> None:
    assert deploy(Settings(), project) == f"s3://lake/scripts/{WHEEL}"

    assert uploads(lake) == [
        "scripts/expectations/shop/silver/orders.json",
        "scripts/glue/publish.py",
        f"scripts/{WHEEL}",
    ]
    assert lake.get_object(Bucket="lake", Key="scripts/glue/publish.py")["Body"].read() == b"publish"
    assert expectations_uri({"*": "lake"}) == "s3://lake/scripts/expectations"


def test_the_packed_environment_goes_along(project: Path, lake: "S3Client") -> None:
    packed = project / "any-name.tar.gz"
    packed.write_bytes(b"modules")

    deploy(Settings(), project, packed)

    assert "scripts/environment.tar.gz" in uploads(lake)
    arguments = boto3.client("glue").get_job(JobName="lakehouse-publish")["Job"]["DefaultArguments"]
    assert arguments["--python-virtual-env"] == "s3://lake/scripts/environment.tar.gz"


def test_a_wheel_that_is_missing_is_named(project: Path, lake: "S3Client") -> None:
    (project / "dist" / WHEEL).unlink()

    with pytest.raises(DeployError, match="holds no lakehouse wheel: run "):
        deploy(Settings(), project)


def test_the_newest_wheel_is_taken(project: Path, lake: "S3Client") -> None:
    import os

    newer = project / "dist" / "lakehouse-0.0.9-py3-none-any.whl"
    newer.write_bytes(b"newer")
    os.utime(newer, (4e9, 4e9))

    assert deploy(Settings(), project).endswith("lakehouse-0.0.9-py3-none-any.whl")
