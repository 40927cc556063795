"""Bodies of S3 objects as immutable files under one folder."""

import hashlib
import logging
import threading
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

LOG = logging.getLogger(__name__)
CHUNK_BYTES = 1 << 20


class UnstoredError(Exception):
    """A body cannot be written, as on a full disk; the message says where and why."""


@dataclass(frozen=True)
class StoredFile:
    """A body on disk: its id in the store, its size in bytes and its MD5 in hex (None where not computed)."""

    id: str
    size: int
    md5: str | None = None


class Body:
    """Bytes of a stored file, read when they are asked for: a length, slices and chunks."""

    def __init__(self, path: Path, size: int) -> None:
        self.path, self.size = path, size

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, part: slice) -> bytes:
        start, stop, step = part.indices(self.size)
        if step != 1:
            raise ValueError("A body has no strides; ask for a contiguous slice")
        with self.path.open("rb") as file:
            file.seek(start)
            return file.read(max(0, stop - start))

    def __iter__(self) -> Iterator[bytes]:
        with self.path.open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                yield chunk


class ObjectFiles:
    """Folder of bodies, named by random ids.

    A body is never changed. One that no object holds any more is deleted by :meth:`collect`, after metadata
    that no longer names it has been saved: so what the last save names always exists, also after a crash.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.changes = 0
        self._released: set[str] = set()
        self._lock = threading.Lock()
        root.mkdir(parents=True, exist_ok=True)

    def path(self, file_id: str) -> Path:
        return self.root / file_id[:2] / file_id

    def write(self, chunks: Iterable[bytes]) -> StoredFile:
        """Store new content; on an error nothing is left behind.

        Raises:
            UnstoredError: The disk is full, or broken.
        """
        md5, size = hashlib.md5(usedforsecurity=False), 0
        file_id, path = self._new()
        try:
            with path.open("xb") as file:
                for chunk in chunks:
                    md5.update(chunk)
                    size += file.write(chunk)
        except OSError as error:
            path.unlink(missing_ok=True)
            raise UnstoredError(f"A body cannot be written below {self.root}: {error.strerror}") from error
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return StoredFile(file_id, size, md5.hexdigest())

    def link(self, body: Body, md5: str | None) -> StoredFile:
        """Give content that is stored already a second id, without a second copy."""
        if md5 is None:
            digest = hashlib.md5(usedforsecurity=False)
            for chunk in body:
                digest.update(chunk)
            md5 = digest.hexdigest()
        file_id, path = self._new()
        try:
            path.hardlink_to(body.path)
        except OSError:  # a file system without hard links
            return self.write(body)
        return StoredFile(file_id, body.size, md5)

    def release(self, file_id: str) -> None:
        """Say that no object holds this body any more."""
        with self._lock:
            self._released.add(file_id)
            self.changes += 1

    def released(self) -> set[str]:
        """Ids released so far: what a save that starts now may let :meth:`collect` delete."""
        with self._lock:
            return set(self._released)

    def collect(self, released: set[str], named: set[str]) -> None:
        """Delete released bodies, except those that the metadata just saved still names."""
        gone = released - named
        with self._lock:
            self._released -= gone
        for file_id in gone:
            self.path(file_id).unlink(missing_ok=True)

    def sweep(self, named: set[str]) -> int:
        """Delete bodies that no metadata names (left by a crash); returns how many. Only at start."""
        orphans = [path for path in self.root.glob("??/*") if path.name not in named]
        for path in orphans:
            path.unlink(missing_ok=True)
        if orphans:
            LOG.info("Removed %d object files that no object names (left by a crash)", len(orphans))
        return len(orphans)

    def _new(self) -> tuple[str, Path]:
        file_id = uuid.uuid4().hex
        path = self.path(file_id)
        path.parent.mkdir(exist_ok=True)
        with self._lock:
            self.changes += 1
        return file_id, path
