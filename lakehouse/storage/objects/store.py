"""What a store of files can do, wherever it keeps them."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

BINARY = "application/octet-stream"


class StoreError(RuntimeError):
    """An operation failed for good; the message names it, the URI, the reason and what to do."""


class FileMissingError(StoreError):
    """There is no file of that path."""


class FileTakenError(StoreError):
    """There is another file of that path, and it was not to be replaced."""


@dataclass(frozen=True)
class StoredFile:
    """What a store tells of a file without opening it."""

    path: str
    size: int
    """Bytes."""
    modified: datetime
    """When it was written last; on S3, when it was received whole. UTC."""


class ObjectStore(Protocol):
    """Files named by relative paths, such as `raw/ready/coinbase/segment_20260407T14_00001.ndjson`.

    A path is written by one writer at a time. Every method raises StoreError when it fails, and ValueError for a
    path that leaves the store or that other systems would read differently (see `paths.py`); those that `files` told
    can be opened all the same.
    """

    def read(self, path: str) -> bytes:
        """The whole content; raises FileMissingError."""
        ...

    def open(self, path: str) -> AbstractContextManager[BinaryIO]:
        """The content as a stream that is not held in memory; raises FileMissingError."""
        ...

    def download(self, path: str, target: BinaryIO) -> None:
        """Copy the content, of any size, to a stream that can seek; raises FileMissingError."""
        ...

    def size(self, path: str) -> int | None:
        """Bytes of the file; None where there is none."""
        ...

    def write(self, path: str, content: bytes, content_type: str = BINARY) -> None:
        """Create or replace a file at once: readers see the whole of it or what was there before.

        A store that keeps media types keeps `content_type`.
        """
        ...

    def upload(self, path: str, source: Path, *, replace: bool = True) -> None:
        """Like `write`, from a local file of any size.

        Without `replace` it raises FileTakenError where there is a file already, however close the race.
        """
        ...

    def upload_stream(self, path: str, stream: BinaryIO, *, replace: bool = True) -> None:
        """Like `upload`, from a stream, sent in parts as it is read; nothing appears unless the stream ends well."""
        ...

    def discard_unfinished(self, path: str) -> None:
        """Remove what uploads to the path that never ended have left behind."""
        ...

    def list_files(self, prefix: str, pattern: str = "*") -> list[str]:
        """Paths below the folder `prefix`, at any depth and sorted, whose file name matches the glob."""
        ...

    def files(self, prefix: str) -> Iterator[StoredFile]:
        """Every file below the folder `prefix`, at any depth and sorted by path."""
        ...

    def remove_folder_marks(self, prefix: str) -> None:
        """Remove the empty objects that stand for the folder `prefix` and those below it, where folders are nothing."""
        ...

    def move(self, source: str, target: str) -> None:
        """Rename; repeating a move that succeeded is no error. Raises FileMissingError where neither is there."""
        ...

    def delete(self, *paths: str) -> None:
        """Remove files; one that is not there is no error."""
        ...

    def uri(self, path: str = "") -> str:
        """What Spark, Polars, DuckDB and deltalake call it: `s3://…`, or an absolute path."""
        ...

    @property
    def storage_options(self) -> Mapping[str, str]:
        """Options of that name of Polars and deltalake; only what is set, so that they look for the rest themselves."""
        ...
