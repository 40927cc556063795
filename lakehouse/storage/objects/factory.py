"""The one place that knows which stores there are."""

from functools import cache
from pathlib import Path

from lakehouse.address import is_bucket
from lakehouse.settings import Settings
from lakehouse.storage.objects.local import LocalStore
from lakehouse.storage.objects.options import environment
from lakehouse.storage.objects.paths import split_uri
from lakehouse.storage.objects.s3 import S3Store
from lakehouse.storage.objects.store import ObjectStore


def object_store(settings: Settings) -> ObjectStore:
    """The store that `storage.backend` names; raises ValueError where `local` has no `storage.base_dir`."""
    place = settings.storage.place
    return S3Store(place, region=settings.region) if is_bucket(place) else LocalStore(Path(place))


def store_at(uri: str) -> tuple[ObjectStore, str]:
    """The store that holds a URI, `s3://bucket/key` or an absolute path, and the file's or folder's path in it."""
    if not uri.startswith("s3://"):
        return LocalStore(Path("/")), uri.strip("/")
    bucket, key = split_uri(uri)
    return _s3_store(bucket, tuple(environment().items())), key


@cache
def _s3_store(bucket: str, _environment: tuple[tuple[str, str], ...]) -> S3Store:
    """Made once for what the environment tells clients: to make one costs more than most of its calls."""
    return S3Store(bucket)
