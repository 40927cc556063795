"""Builds in the scripts' bucket: each below `releases/<version>/`, its manifest written last."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

from lakehouse.operations.artifacts.manifest import FILE, Manifest
from lakehouse.operations.deploy import DeployError, upload
from lakehouse.operations.glue_jobs import Artifacts
from lakehouse.storage.bucket.failure import error_code
from lakehouse.storage.bucket.head import MISSING, head_if_exists
from lakehouse.storage.documents import DocumentNotFoundError, read_document
from lakehouse.storage.objects.failure import TAKEN

HISTORY = "releases/deployed.json"
_WRITTEN_MEANWHILE = TAKEN | {"ConditionalRequestConflict"}


class Store:
    """The builds in one bucket, and which of them was deployed when."""

    def __init__(self, bucket: str, region: str) -> None:
        self.bucket = bucket
        self._s3: Any = boto3.client("s3", region_name=region)

    def add(self, folder: Path, manifest: Manifest, packed: Path) -> None:
        """Upload a build and, unless it is there, the environment of its jobs; what is there is not sent again.

        Args:
            folder: The build.
            manifest: What the folder holds.
            packed: The packed environment of the Glue jobs, which is stored once for all builds of its lock.

        Raises:
            DeployError: The environment is neither stored nor packed.
        """
        key = _environment_key(manifest)
        if head_if_exists(self._s3, self.bucket, key) is None:
            if not packed.is_file():
                raise DeployError(
                    f"{packed} is missing: pack it with `python3 -m scripts.bootstrap environment`"
                )
            upload(self._s3, packed, self.bucket, key)
        for artifact in manifest.artifacts:
            upload(self._s3, folder / artifact.path, self.bucket, f"{manifest.prefix}/{artifact.path}")
        upload(self._s3, folder / FILE, self.bucket, f"{manifest.prefix}/{FILE}")

    def manifest(self, version: str) -> Manifest:
        """The manifest of a build that is stored whole; raises DeployError where there is none."""
        try:
            document = read_document(f"s3://{self.bucket}/releases/{version}/{FILE}")
        except DocumentNotFoundError as error:
            known = ", ".join(self.history().versions) or "none"
            raise DeployError(
                f"s3://{self.bucket}/releases holds no build {version}; deployed so far: {known}"
            ) from error
        return Manifest.model_validate(document)

    def artifacts(self, manifest: Manifest) -> Artifacts:
        """Where the Glue jobs find a stored build."""
        root = f"s3://{self.bucket}/{manifest.prefix}"
        return Artifacts(
            root,
            f"{root}/{manifest.wheel}",
            f"{root}/{manifest.log_store}",
            f"s3://{self.bucket}/{_environment_key(manifest)}",
        )

    def object_version(self, key: str) -> str | None:
        """S3's version of an object; None in a bucket that keeps none."""
        head = head_if_exists(self._s3, self.bucket, key)
        return None if head is None else head.get("VersionId")

    def history(self) -> "History":
        """What was deployed, oldest first."""
        try:
            found = self._s3.get_object(Bucket=self.bucket, Key=HISTORY)
        except ClientError as error:
            if error_code(error) in MISSING:
                return History([], None)
            raise
        return History(json.load(found["Body"])["deployed"], found["ETag"])

    def record(self, version: str, since: "History") -> None:
        """Add a version to the history as it was read; raises DeployError where another deployment came between."""
        entry = {"version": version, "at": datetime.now(UTC).isoformat(timespec="seconds")}
        body = json.dumps({"deployed": [*since.entries, entry]}, indent=1)
        unchanged = {"IfMatch": since.etag} if since.etag else {"IfNoneMatch": "*"}
        try:
            self._s3.put_object(Bucket=self.bucket, Key=HISTORY, Body=body.encode(), **unchanged)
        except ClientError as error:
            if error_code(error) not in _WRITTEN_MEANWHILE:
                raise
            raise DeployError(
                f"another deployment wrote s3://{self.bucket}/{HISTORY} meanwhile; deploy again"
            ) from error


class History:
    """Versions that were deployed, oldest first.

    Attributes:
        entries: `version` and `at` of each.
        etag: Of the document that they were read from; None where there is none yet.
    """

    def __init__(self, entries: list[dict[str, str]], etag: str | None) -> None:
        self.entries, self.etag = entries, etag

    @property
    def versions(self) -> list[str]:
        return [entry["version"] for entry in self.entries]

    @property
    def current(self) -> str | None:
        """What runs now."""
        return self.versions[-1] if self.entries else None

    @property
    def previous(self) -> str | None:
        """The version before the current one: the newest that differs from it."""
        return next((version for version in reversed(self.versions) if version != self.current), None)


def _environment_key(manifest: Manifest) -> str:
    return f"releases/environments/{manifest.environment.lock_sha256}.tar.gz"
