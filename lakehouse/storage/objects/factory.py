"""The one place that knows which stores there are."""

import os
from functools import cache
from pathlib import Path

from lakehouse.settings import Settings
from lakehouse.storage.objects.local import LocalStore
from lakehouse.storage.objects.s3 import S3Store
from lakehouse.storage.objects.store import ObjectStore

_S3 = "s3://"


def object_store(settings: Settings) -> ObjectStore:
    """The store that `storage.backend` names; raises ValueError where `local` has no `storage.base_dir`."""
    storage = settings.storage
    if storage.backend == "s3":
        return S3Store(storage.bucket, storage.base_dir, region=settings.region)
    return LocalStore(Path(storage.place))


def store_at(uri: str) -> tuple[ObjectStore, str]:
    """The store that holds a URI, `s3://bucket/key` or an absolute path, and the file's or folder's path in it."""
    if not uri.startswith(_S3):
        return LocalStore(Path("/")), uri.strip("/")
    bucket, _, key = uri.removeprefix(_S3).partition("/")
    return _s3_store(bucket, os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")), key


@cache
def _s3_store(bucket: str, _endpoint: str | None) -> S3Store:
    """Made once a process: a client of boto3 costs more than most of its calls."""
    return S3Store(bucket)
