"""Files in a folder of this machine, written so that a crash leaves the old file or the new one."""

import glob
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from io import BytesIO
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from lakehouse.storage.objects.paths import checked, folder
from lakehouse.storage.objects.store import BINARY, FileMissingError, FileTakenError, StoredFile, StoreError

_UNFINISHED = ".unfinished"


class LocalStore:
    """Implements `ObjectStore`.

    Args:
        base_dir: Made when the first file is written; until then nothing can be listed, for the path may be wrong.
    """

    def __init__(self, base_dir: Path) -> None:
        self._base = base_dir.resolve()

    def read(self, path: str) -> bytes:
        with self.open(path) as stream:
            return stream.read()

    @contextmanager
    def open(self, path: str) -> Iterator[BinaryIO]:
        with _named_failures("read", self._file(path)), self._file(path).open("rb") as stream:
            yield stream

    def download(self, path: str, target: BinaryIO) -> None:
        with self.open(path) as stream:
            shutil.copyfileobj(stream, target, 1024 * 1024)

    def size(self, path: str) -> int | None:
        try:
            with _named_failures("look for", self._file(path)):
                return self._file(path).stat().st_size
        except FileMissingError:
            return None

    def write(self, path: str, content: bytes, content_type: str = BINARY) -> None:  # noqa: ARG002
        self.upload_stream(path, BytesIO(content))

    def upload(self, path: str, source: Path, *, replace: bool = True) -> None:
        with source.open("rb") as stream:
            self.upload_stream(path, stream, replace=replace)

    def upload_stream(self, path: str, stream: BinaryIO, *, replace: bool = True) -> None:
        file = self._file(path)
        unfinished = file.with_name(f".{file.name}.{uuid4().hex}{_UNFINISHED}")
        with _named_failures("write", file):
            file.parent.mkdir(parents=True, exist_ok=True)
            try:
                with unfinished.open("wb") as target:
                    shutil.copyfileobj(stream, target, 1024 * 1024)
                    target.flush()
                    os.fsync(target.fileno())
                if replace:
                    unfinished.replace(file)
                else:
                    file.hardlink_to(unfinished)
            finally:
                unfinished.unlink(missing_ok=True)
            sync_folder(file.parent)

    def discard_unfinished(self, path: str) -> None:
        file = self._file(path)
        with _named_failures("discard unfinished uploads of", file):
            for unfinished in file.parent.glob(f".{glob.escape(file.name)}.*{_UNFINISHED}"):
                unfinished.unlink(missing_ok=True)

    def list_files(self, prefix: str, pattern: str = "*") -> list[str]:
        return [file.path for file in self.files(prefix) if fnmatchcase(Path(file.path).name, pattern)]

    def files(self, prefix: str) -> Iterator[StoredFile]:
        top = self._base / folder(prefix)
        with _named_failures("list", top):
            if not self._base.is_dir():
                raise StoreError(
                    f"list {top}: there is no folder {self._base}; correct storage.base_dir, or let the recorder write "
                    "there first, which makes it"
                )
            if not top.exists():
                return
            found = [Path(place, name) for place, _, names in top.walk(on_error=_raise) for name in names]
            for file in sorted(found, key=Path.as_posix):
                if not _is_unfinished(file) and (state := _state(file)):
                    modified = datetime.fromtimestamp(state.st_mtime, UTC)
                    yield StoredFile(file.relative_to(self._base).as_posix(), state.st_size, modified)

    def remove_folder_marks(self, prefix: str) -> None:
        """There are none."""

    def move(self, source: str, target: str) -> None:
        old, new = self._file(source), self._file(target)
        if not old.exists() and new.exists():
            return
        with _named_failures(f"move to {new}", old):
            new.parent.mkdir(parents=True, exist_ok=True)
            old.replace(new)
            sync_folder(new.parent)
            sync_folder(old.parent)

    def delete(self, *paths: str) -> None:
        for path in paths:
            with _named_failures("delete", self._file(path)):
                self._file(path).unlink(missing_ok=True)

    def uri(self, path: str = "") -> str:
        return str(self._base / path)

    @property
    def storage_options(self) -> Mapping[str, str]:
        return {}

    def _file(self, path: str) -> Path:
        return self._base / checked(path)


def sync_folder(path: Path) -> None:
    """Make creations and renames in a folder survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _is_unfinished(file: Path) -> bool:
    return file.name.startswith(".") and file.name.endswith(_UNFINISHED)


def _state(file: Path) -> os.stat_result | None:
    """None where the file went while it was looked for, as on S3 it would not be listed any more."""
    try:
        return file.stat()
    except FileNotFoundError:
        return None


def _raise(error: OSError) -> None:
    raise error


@contextmanager
def _named_failures(operation: str, file: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise FileMissingError(
            f"{operation} {file}: there is no such file; check the path and storage.base_dir"
        ) from error
    except FileExistsError as error:
        raise FileTakenError(
            f"{operation} {file}: another writer has made this file: choose another path"
        ) from error
    except OSError as error:
        raise StoreError(
            f"{operation} {file}: {error.strerror or error}; check permissions, free space and storage.base_dir"
        ) from error
