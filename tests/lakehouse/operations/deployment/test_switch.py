"""Builds are switched to as a whole on the embedded AWS; a switch that fails ends with what ran before."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from lakehouse.operations import glue_jobs
from lakehouse.operations.artifacts.manifest import Environment, Manifest, artifacts_in
from lakehouse.operations.deploy import DeployError
from lakehouse.operations.deployment.store import HISTORY, Store
from lakehouse.operations.deployment.switch import deploy_build, roll_back
from lakehouse.operations.glue_jobs import STEPS
from lakehouse.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

LOCK = "5" * 64
FIRST, SECOND, THIRD = "a" * 40, "b" * 40, "c" * 40

type Build = Callable[[str], Path]


@pytest.fixture
def settings(s3: "S3Client", bucket: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An environment of this test's own: bucket, role and names of jobs."""
    trust = json.dumps({"Statement": []})
    boto3.client("iam").create_role(RoleName=bucket, AssumeRolePolicyDocument=trust)
    monkeypatch.setenv("ECOM_S3_BUCKET_NAME", bucket)
    monkeypatch.setenv("LAKEHOUSE_GLUE_ROLE", bucket)
    monkeypatch.setenv("LAKEHOUSE_JOB_PREFIX", f"{bucket}-")
    return Settings()


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    folder = tmp_path / "environments"
    folder.mkdir()
    (folder / "linux.tar.gz").write_bytes(b"modules")
    return folder


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """Makes a build whose every file tells its version."""

    def made(version: str) -> Path:
        folder = tmp_path / version
        for name in (
            "glue/publish.py",
            "dags/shop.py",
            "expectations/shop.json",
            "plugins.zip",
            "engine.whl",
        ):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{name} of {version}")
        (folder / "store.jar").write_text("jar")
        Manifest(
            version=version,
            wheel="engine.whl",
            log_store="store.jar",
            environment=Environment(name="linux.tar.gz", platform="linux", lock_sha256=LOCK),
            artifacts=tuple(artifacts_in(folder)),
        ).write(folder)
        return folder

    return made


def running(settings: Settings) -> set[str]:
    """The folders that the jobs' scripts, modules, jars and suites come from."""
    glue: Any = boto3.client("glue")
    found = set()
    for step in STEPS:
        job = glue.get_job(JobName=settings.job_name(step))["Job"]
        arguments = job["DefaultArguments"]
        places = {
            job["Command"]["ScriptLocation"].removesuffix(f"/glue/{step}.py"),
            arguments["--extra-py-files"].removesuffix("/engine.whl"),
            arguments["--extra-jars"].removesuffix("/store.jar"),
            arguments["--expectations-uri"].removesuffix("/expectations"),
        }
        found |= {place.rpartition("/")[2] for place in places}
    return found


def failing(monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    """The third job cannot be switched to a version, however often it is tried."""
    ensure = glue_jobs._ensure_job

    def refuse(glue: Any, name: str, definition: dict[str, Any]) -> None:
        if name.endswith(STEPS[2]) and version in definition["Command"]["ScriptLocation"]:
            raise ConnectionError("the network went away")
        ensure(glue, name, definition)

    monkeypatch.setattr(glue_jobs, "_ensure_job", refuse)


def test_jobs_run_the_build_below_its_commit(
    settings: Settings, build: Build, packed: Path, s3: "S3Client", bucket: str
) -> None:
    assert deploy_build(settings, build(FIRST), packed) == FIRST

    assert running(settings) == {FIRST}
    stored = {one["Key"] for one in s3.list_objects_v2(Bucket=bucket)["Contents"]}
    environment = f"releases/environments/{LOCK}.tar.gz"
    assert {
        environment,
        HISTORY,
        f"releases/{FIRST}/manifest.json",
        f"releases/{FIRST}/dags/shop.py",
    } < stored
    job = boto3.client("glue").get_job(JobName=settings.job_name("publish"))["Job"]
    assert job["DefaultArguments"]["--python-virtual-env"] == f"s3://{bucket}/{environment}"


def test_back_and_forth(settings: Settings, build: Build, packed: Path, bucket: str) -> None:
    for version in (FIRST, SECOND):
        deploy_build(settings, build(version), packed)
    assert running(settings) == {SECOND}

    assert roll_back(settings) == FIRST
    assert running(settings) == {FIRST}
    assert roll_back(settings, to=SECOND) == SECOND
    assert running(settings) == {SECOND}
    assert Store(bucket, "us-east-1").history().versions == [FIRST, SECOND, FIRST, SECOND]


def test_a_deploy_that_fails_half_way_ends_with_what_ran_before(
    settings: Settings, build: Build, packed: Path, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    deploy_build(settings, build(FIRST), packed)
    failing(monkeypatch, SECOND)

    with pytest.raises(
        DeployError, match=f"{SECOND} does not run; {FIRST} does again: the network went away"
    ):
        deploy_build(settings, build(SECOND), packed)

    assert running(settings) == {FIRST}
    assert Store(bucket, "us-east-1").history().versions == [FIRST]


def test_a_first_deploy_that_fails_has_nothing_to_return_to(
    settings: Settings, build: Build, packed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(monkeypatch, FIRST)
    with pytest.raises(DeployError, match="nothing was deployed before"):
        deploy_build(settings, build(FIRST), packed)


def test_of_two_deployments_at_once_one_is_told(
    settings: Settings, build: Build, packed: Path, bucket: str
) -> None:
    deploy_build(settings, build(FIRST), packed)
    store = Store(bucket, "us-east-1")
    before = store.history()
    deploy_build(settings, build(SECOND), packed)

    with pytest.raises(DeployError, match="another deployment"):
        store.record(THIRD, before)
    assert store.history().versions == [FIRST, SECOND]


def test_what_was_never_deployed_is_named(settings: Settings, build: Build, packed: Path) -> None:
    with pytest.raises(DeployError, match="no build before the first"):
        roll_back(settings)
    deploy_build(settings, build(FIRST), packed)
    with pytest.raises(DeployError, match=f"no build {THIRD}; deployed so far: {FIRST}"):
        roll_back(settings, to=THIRD)
    with pytest.raises(DeployError, match=f"no build before {FIRST}"):
        roll_back(settings)


def test_a_build_that_is_no_commits_or_was_changed_is_refused(
    settings: Settings, build: Build, packed: Path, uploaded: Callable[[], int]
) -> None:
    with pytest.raises(DeployError, match="no commit has"):
        deploy_build(settings, build(f"{FIRST}-dirty"), packed)
    changed = build(SECOND)
    (changed / "dags" / "shop.py").write_text("changed by hand")
    with pytest.raises(DeployError, match=r"dags/shop\.py has another content"):
        deploy_build(settings, changed, packed)
    (packed / "linux.tar.gz").unlink()
    with pytest.raises(DeployError, match="pack it with"):
        deploy_build(settings, build(THIRD), packed)
    assert uploaded() == 0


@pytest.fixture
def uploaded(s3: "S3Client", bucket: str) -> Callable[[], int]:
    return lambda: s3.list_objects_v2(Bucket=bucket)["KeyCount"]
