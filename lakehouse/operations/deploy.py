"""Deploy what Glue runs: scripts, the wheel, suites and the packed environment, then the jobs themselves.

The bytes that a laptop runs are the bytes that are uploaded to AWS.
"""

import hashlib
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3

from lakehouse.operations.glue_jobs import Artifacts, ensure_jobs
from lakehouse.settings import Settings
from lakehouse.storage.bucket.head import head_if_exists
from lakehouse.storage.bucket.upload import HASH_METADATA

log = logging.getLogger(__name__)


PACKED_ENVIRONMENTS = ".cache/glue-environment/*.tar.gz"
LOG_STORE = ".cache/log-store/lakehouse-log-store.jar"


class DeployError(RuntimeError):
    """Something to deploy is missing; the message says how to make it."""


def build_wheel(project: Path, folder: Path | None = None) -> None:
    """Build the engine's wheel into a folder, ``dist/`` by default; the same sources give the same bytes.

    Raises:
        DeployError: The build failed.
    """
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel"]
    command += ["-d", str(folder.absolute())] if folder else []
    done = subprocess.run(command, check=False, cwd=project, capture_output=True, text=True)
    if done.returncode:
        raise DeployError(f"the wheel cannot be built in {project}: {done.stderr.strip()[-500:]}")


def deploy(settings: Settings, project: Path, log_store: Path, environment: Path | None = None) -> str:
    """Upload what changed and bring the Glue jobs up to date; returns the wheel's URI.

    Args:
        settings: Names the bucket, the role and the jobs' size.
        project: The checkout, with include/, expectations/ and dist/*.whl.
        log_store: The jar that setup compiled from include/log_store.
        environment: The packed virtual environment of the jobs; None leaves Glue's own modules.

    Raises:
        DeployError: Something to deploy is missing.
    """
    if not log_store.is_file():
        raise DeployError(f"{log_store} is missing: run `make setup`")
    bucket = settings.resolved_bucket_name()
    s3 = boto3.client("s3", region_name=settings.region)
    scripts_uri = f"s3://{bucket}/scripts"
    for script in sorted((project / "include" / "glue_scripts").glob("*.py")):
        upload(s3, script, bucket, f"scripts/glue/{script.name}")
    for suite in sorted((project / "expectations").rglob("*.json")):
        upload(s3, suite, bucket, f"scripts/expectations/{suite.relative_to(project / 'expectations')}")
    wheel = _wheel(project)
    upload(s3, wheel, bucket, f"scripts/{wheel.name}")
    upload(s3, log_store, bucket, f"scripts/{log_store.name}")
    environment_uri = None
    if environment:
        environment_uri = f"{scripts_uri}/environment.tar.gz"
        upload(s3, environment, bucket, "scripts/environment.tar.gz")
    artifacts = Artifacts(
        scripts_uri, f"{scripts_uri}/{wheel.name}", f"{scripts_uri}/{log_store.name}", environment_uri
    )
    ensure_jobs(settings, artifacts)
    return f"{scripts_uri}/{wheel.name}"


def _wheel(project: Path) -> Path:
    wheels = sorted((project / "dist").glob("lakehouse-*.whl"), key=lambda path: path.stat().st_mtime)
    if not wheels:
        raise DeployError(f"{project}/dist holds no lakehouse wheel: run `make wheel`")
    return wheels[-1]


def upload(s3: Any, path: Path, bucket: str, key: str) -> None:
    """Upload a file unless the object has its content already."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    head = head_if_exists(s3, bucket, key)
    if head and head["Metadata"].get(HASH_METADATA) == digest:
        return
    s3.upload_file(str(path), bucket, key, ExtraArgs={"Metadata": {HASH_METADATA: digest}})
    log.info("uploaded s3://%s/%s", bucket, key)
