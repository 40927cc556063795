"""What a Delta table lost of its objects, and which earlier versions of them S3 still keeps.

A bucket with versioning keeps what was deleted or overwritten; bringing it back is writing it anew, which deletes
nothing either. Only what the table's newest version needs is looked for: VACUUM and Delta's own cleaning of the log
delete too.
"""

import json
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import Any, Literal

import boto3

from lakehouse.storage.objects.paths import split_uri
from lakehouse.storage.snapshot import snapshot

_COMMIT = re.compile(r"(\d{20})\.json")
_CHECKPOINT = re.compile(r"(\d{20})\.checkpoint\.parquet")
_PARQUET = b"PAR1"
"""The first and the last bytes of every file of Parquet."""


@dataclass(frozen=True)
class Loss:
    """An object that the table needs and that is not there, or cannot be read."""

    key: str
    what: Literal["deleted", "unreadable"]
    version_id: str | None
    """The newest version that can be brought back; None where S3 keeps none."""


@dataclass(frozen=True)
class _Object:
    key: str
    is_there: bool
    versions: tuple[str, ...]
    """Ids of what can be read, newest first, the present one among them."""


def log_losses(uri: str) -> list[Loss]:
    """Commits and checkpoints that readers of the newest version need."""
    bucket, prefix = split_uri(f"{uri}/_delta_log/")
    found = _objects(bucket, prefix)
    commits = _numbered(found, prefix, _COMMIT)
    checkpoints = _numbered(found, prefix, _CHECKPOINT)
    there = [version for version, one in {**checkpoints, **commits}.items() if one.is_there]
    # What Delta cleans of the log is older than everything that it leaves.
    deleted = [
        Loss(one.key, "deleted", one.versions[0] if one.versions else None)
        for version, one in commits.items()
        if not one.is_there and version >= min(there, default=0)
    ]
    newest = max((version for version, one in checkpoints.items() if one.is_there), default=-1)
    needed = [one for version, one in commits.items() if one.is_there and version > newest]
    needed += [checkpoints[newest]] if newest in checkpoints else []
    return sorted([*deleted, *_unreadable(bucket, needed)], key=lambda loss: loss.key)


def data_losses(uri: str) -> list[Loss]:
    """Files of the newest version; its log must be whole. Raises LogExpiredError where it is not."""
    table = snapshot(uri)
    if table is None:
        return []
    bucket, prefix = split_uri(f"{uri}/")
    found = {one.key: one for one in _objects(bucket, prefix)}
    wanted = (found.get(f"{prefix}{path}", _Object(f"{prefix}{path}", False, ())) for path in table.live)
    return sorted(
        (
            Loss(one.key, "deleted", one.versions[0] if one.versions else None)
            for one in wanted
            if not one.is_there
        ),
        key=lambda loss: loss.key,
    )


def bring_back(uri: str, losses: list[Loss]) -> None:
    """Make the version of each loss its object's newest again; those that S3 keeps no version of stay lost."""
    s3 = boto3.client("s3")
    bucket, _ = split_uri(uri)
    for loss in losses:
        if loss.version_id:
            source = {"Bucket": bucket, "Key": loss.key, "VersionId": loss.version_id}
            s3.copy(source, bucket, loss.key)  # type: ignore[arg-type]


def _objects(bucket: str, prefix: str) -> list[_Object]:
    versions: defaultdict[str, list[Any]] = defaultdict(list)
    there: set[str] = set()
    pages = boto3.client("s3").get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix)
    for page in pages:
        for entry in page.get("Versions", ()):
            versions[entry["Key"]].append(entry)
            there |= {entry["Key"]} if entry["IsLatest"] else set()
        for marker in page.get("DeleteMarkers", ()):
            versions[marker["Key"]] += []
    return [
        _Object(
            key,
            key in there,
            tuple(e["VersionId"] for e in sorted(kept, key=lambda e: e["LastModified"], reverse=True)),
        )
        for key, kept in versions.items()
    ]


def _numbered(found: list[_Object], prefix: str, name: re.Pattern[str]) -> dict[int, _Object]:
    matched = ((name.fullmatch(one.key.removeprefix(prefix)), one) for one in found)
    return {int(match[1]): one for match, one in matched if match}


def _unreadable(bucket: str, objects: list[_Object]) -> list[Loss]:
    losses = []
    for one in objects:
        newest, *older = one.versions
        if not _is_readable(bucket, one.key, newest):
            whole = (version for version in older if _is_readable(bucket, one.key, version))
            losses.append(Loss(one.key, "unreadable", next(whole, None)))
    return losses


def _is_readable(bucket: str, key: str, version_id: str) -> bool:
    body = boto3.client("s3").get_object(Bucket=bucket, Key=key, VersionId=version_id)["Body"].read()
    if key.endswith(".parquet"):
        return body[:4] == body[-4:] == _PARQUET
    try:
        actions = [json.loads(line) for line in body.splitlines()]
    except ValueError:
        return False
    return bool(actions) and all(isinstance(action, dict) for action in actions)
