"""The one place that knows which stores there are."""

from pathlib import Path

from lakehouse.settings import Settings
from lakehouse.storage.objects.local import LocalStore
from lakehouse.storage.objects.s3 import S3Store
from lakehouse.storage.objects.store import ObjectStore


def object_store(settings: Settings) -> ObjectStore:
    """The store that `storage.backend` names; raises ValueError where `local` has no `storage.base_dir`."""
    storage = settings.storage
    if storage.backend == "s3":
        return S3Store(storage.bucket, storage.base_dir, region=settings.region)
    if not storage.base_dir:
        raise ValueError("storage.backend is local: set storage.base_dir to the folder of the vault")
    return LocalStore(Path(storage.base_dir))
