"""Candidates of runs that ended without tidying up: no run can still publish them."""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby, islice

import boto3

from lakehouse.address import TABLE_LAYERS, bucket_of
from lakehouse.lifetime import stale_after
from lakehouse.steps.run import Run
from lakehouse.storage.documents import listed

_KEYS_A_CALL = 1000


def sweep_stale_candidates(run: Run) -> dict[str, int]:
    """Delete what runs left whose candidates are all old; returns its prefix → objects. A dry run deletes nothing."""
    before = run.started_at - stale_after()
    swept = {}
    for bucket, prefix, keys in stale_candidates(run, before):
        if not run.dry_run:
            _delete(bucket, keys)
        swept[f"s3://{bucket}/{prefix}"] = len(keys)
    return swept


def stale_candidates(run: Run, before: datetime) -> Iterator[tuple[str, str, list[str]]]:
    """Bucket, prefix and keys of each run's candidates of a layer of which nothing was written since that instant."""
    for layer in TABLE_LAYERS:
        bucket, shelf = bucket_of(layer, run.buckets), f"{layer}/processing/"
        for prefix, found in groupby(_objects(bucket, shelf), key=lambda entry: _prefix(entry[0], shelf)):
            entries = list(found)
            if prefix and max(modified for _, modified in entries) < before:
                yield bucket, prefix, [key for key, _ in entries]


def _prefix(key: str, shelf: str) -> str:
    """`silver/processing/<run>/`; empty for the placeholder of the shelf itself."""
    name, slash, _ = key.removeprefix(shelf).partition("/")
    return f"{shelf}{name}/" if slash else ""


def _objects(bucket: str, prefix: str) -> Iterator[tuple[str, datetime]]:
    for entry in listed(f"s3://{bucket}/{prefix}"):
        yield entry["Key"], entry["LastModified"]


def _delete(bucket: str, keys: list[str]) -> None:
    """Raises RuntimeError where S3 refuses one."""
    left = iter(keys)
    while some := list(islice(left, _KEYS_A_CALL)):
        answer = boto3.client("s3").delete_objects(
            Bucket=bucket, Delete={"Objects": [{"Key": key} for key in some], "Quiet": True}
        )
        for error in answer.get("Errors", ()):
            raise RuntimeError(f"s3://{bucket}/{error['Key']} cannot be deleted: {error.get('Message')}")
