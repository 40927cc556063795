"""The metadata of S3 as plain containers that can be pickled."""

from typing import Any

from moto.s3.models import s3_backends
from moto.s3.utils import _VersionedKeyStore

from local_aws.s3.objects import StoredBucket, StoredKey

State = dict[tuple[str, str], dict[str, Any]]


def capture() -> State:
    """Copy the structure of every bucket; each bucket's list of objects is of one instant."""
    return {
        (account, partition): {
            "tagger": backend.tagger,
            "buckets": {name: _bucket_state(bucket) for name, bucket in list(backend.buckets.items())},
        }
        for account, partition, backend in list(s3_backends.iter_backends())
    }


def _bucket_state(bucket: StoredBucket) -> dict[str, Any]:
    versions = {name: list(found) for name, found in dict(bucket.keys).items()}
    return {**bucket.__dict__, "keys": versions, "multiparts": dict(bucket.multiparts)}


def restore(state: State) -> None:
    """Put captured buckets back."""
    for (account, partition), content in state.items():
        backend = s3_backends[account][partition]
        backend.tagger = content["tagger"]
        for name, fields in content["buckets"].items():
            bucket = StoredBucket(name, account, fields["region_name"])
            uploads = fields.pop("multiparts")
            keys = _VersionedKeyStore()
            for key, versions in fields.pop("keys").items():
                dict.__setitem__(keys, key, versions)
            bucket.__dict__.update(fields, keys=keys)
            bucket.multiparts.update(uploads)
            backend.buckets[name] = bucket


def named_files(state: State) -> set[str]:
    """Ids of all bodies that a state refers to."""
    found: set[str] = set()
    for content in state.values():
        for bucket in content["buckets"].values():
            keys = [version for versions in bucket["keys"].values() for version in versions]
            parts = [part for upload in bucket["multiparts"].values() for part in upload.parts.values()]
            found.update(key.file for key in [*keys, *parts] if isinstance(key, StoredKey) and key.file)
    return found
