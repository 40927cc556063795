"""Tidy up after a run: put its raw files away, delete its candidates. Everything may be repeated."""

import hashlib
import json
import logging
from collections.abc import Mapping
from typing import Any

from lakehouse.address import bucket_of
from orchestration.plan import Plan

logger = logging.getLogger(__name__)

type File = Mapping[str, Any]
"""`uri`, `sha256`, `delivered_at`, `status` (loaded, duplicate or failed), `reason` and, where known, `etag`."""


def archive(client: Any, plan: Plan, candidate: Mapping[str, Any]) -> dict[str, list[str]]:
    """Move the files that bronze read, mark them processed, and delete the run's candidates.

    Args:
        client: A boto3 S3 client.
        plan: The run's plan.
        candidate: Bronze's `candidate.json`.

    Returns:
        The URIs of the files, by status.
    """
    moved: dict[str, list[str]] = {}
    for dataset, table in candidate["tables"].items():
        for file in table.get("files", ()):
            if _put_away(client, plan, dataset, file):
                moved.setdefault(file["status"], []).append(file["uri"])
    for layer in plan.tables:
        _delete_all(client, bucket_of(layer, plan.buckets), f"{layer}/processing/{plan.run_id}/")
    return moved


def _put_away(client: Any, plan: Plan, dataset: str, file: File) -> bool:
    bucket, _, key = file["uri"].removeprefix("s3://").partition("/")
    shelf = "failed" if file["status"] == "failed" else "archive"
    target = f"raw/{shelf}/{dataset}/{file['sha256'][:16]}/{key.rpartition('/')[2]}"
    if not _is_unchanged(client, bucket, key, file):
        logger.info("%s is gone or was delivered anew since it was read: left as it is", file["uri"])
        return False
    client.copy({"Bucket": bucket, "Key": key}, bucket, target)
    if shelf == "failed":
        _write(client, bucket, f"{target}.reason.json", {**file, "run_id": plan.run_id})
    record = f"raw/processed/{dataset}/{file['sha256'][:16]}.json"
    if not _is_taken_in(client, bucket, record):
        told = {**file, "run_id": plan.run_id, "moved_to": f"s3://{bucket}/{target}"}
        _write(client, bucket, record, told)
    client.delete_object(Bucket=bucket, Key=key)
    return True


def _is_taken_in(client: Any, bucket: str, record: str) -> bool:
    """Whether the content was taken in before: what counts is how it came first."""
    try:
        told = json.loads(client.get_object(Bucket=bucket, Key=record)["Body"].read())
    except client.exceptions.NoSuchKey:
        return False
    return bool(told["status"] != "failed")


def _is_unchanged(client: Any, bucket: str, key: str, file: File) -> bool:
    """Whether the object still has the content that was read: a later delivery may have taken its name."""
    try:
        found = client.get_object(Bucket=bucket, Key=key)
    except client.exceptions.NoSuchKey:
        return False
    if "etag" in file:
        return bool(found["ETag"].strip('"') == file["etag"].strip('"'))
    digest = hashlib.sha256()
    for chunk in found["Body"].iter_chunks(1 << 20):
        digest.update(chunk)
    return bool(digest.hexdigest() == file["sha256"])


def _write(client: Any, bucket: str, key: str, document: Mapping[str, Any]) -> None:
    client.put_object(
        Bucket=bucket, Key=key, Body=json.dumps(document, indent=2).encode(), ContentType="application/json"
    )


def _delete_all(client: Any, bucket: str, prefix: str) -> None:
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        if keys := [{"Key": entry["Key"]} for entry in page.get("Contents", ())]:
            answer = client.delete_objects(Bucket=bucket, Delete={"Objects": keys, "Quiet": True})
            for error in answer.get("Errors", ()):
                raise RuntimeError(f"s3://{bucket}/{error['Key']} cannot be deleted: {error.get('Message')}")
