"""Delivered files in a dataset's landing folder: which there are, and what they are by content."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from lakehouse.storage.objects.factory import store_at

_CHUNK = 1 << 20


@dataclass(frozen=True)
class DeliveredFile:
    """One file under raw/. `delivered_at` is when it was received (UTC)."""

    uri: str
    sha256: str
    size: int
    delivered_at: datetime


def delivered_files(landing_uris: Sequence[str]) -> list[DeliveredFile]:
    """Every file of a dataset, oldest first; folder markers are no files."""
    found = [file for uri in landing_uris for file in _files(uri)]
    return sorted(found, key=lambda file: (file.delivered_at, file.uri))


def _files(landing_uri: str) -> Iterator[DeliveredFile]:
    store, landing = store_at(landing_uri)
    for file in store.files(landing):
        uri = store.uri(file.path)
        yield DeliveredFile(uri, sha256_of(uri), file.size, file.modified)


def sha256_of(uri: str) -> str:
    """What a file is known by: the hash of its content. Raises FileMissingError."""
    store, path = store_at(uri)
    digest = hashlib.sha256()
    with store.open(path) as content:
        while chunk := content.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
