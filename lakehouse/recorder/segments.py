"""Segments on this machine: one is written, the others wait until they are uploaded.

The write-ahead directory has the layout of the vault: `raw/active/<source>/` holds the segment that is written,
`raw/ready/<source>/` those that are finished. A segment leaves the directory once the vault has it.
"""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from lakehouse.recorder.write_ahead import (
    Acknowledged,
    WriteAheadError,
    WriteAheadFile,
    journal_of,
    recover,
    unwritable,
)
from lakehouse.storage.objects.local import sync_folder
from lakehouse.storage.objects.paths import SegmentName, stage_folder


class SegmentDirectory:
    """The segments of one source below a write-ahead directory."""

    def __init__(self, directory: Path, source: str) -> None:
        self.active = directory / stage_folder("active", source)
        self.ready = directory / stage_folder("ready", source)
        self._last = directory / f"last_{source}"
        self._reserving = threading.Lock()
        self._reserved: set[SegmentName] = set()
        for folder in (self.active, self.ready):
            folder.mkdir(parents=True, exist_ok=True)

    def recover(self) -> list[SegmentName]:
        """Finish what an earlier recorder left, however it ended; names of all that wait for upload, oldest first.

        Raises:
            WriteAheadError: A file lost what was acknowledged.
        """
        for path in sorted(self.active.glob("segment_*.ndjson")):
            if recover(path):
                self.make_ready(path)
            else:
                remove(path)
        for journal in (*self.active.glob("*.journal"), *self.ready.glob("*.journal")):
            if not journal.with_suffix("").exists():
                journal.unlink()
        return sorted(SegmentName.parse(path.name) for path in self.ready.glob("segment_*.ndjson"))

    def make_ready(self, path: Path) -> Path:
        """Move a finished segment, the journal after it."""
        target = self.ready / path.name
        path.rename(target)
        if journal_of(path).exists():
            journal_of(path).rename(journal_of(target))
        sync_folder(self.ready)
        sync_folder(self.active)
        return target

    def begin(self, moment: datetime) -> SegmentName:
        """Reserve a name for a segment that begins now."""
        first = SegmentName.at(moment, 1)
        with suppress(OSError, ValueError):
            last = SegmentName.parse(self._last.read_text())
            first = last.following() if last.hour == first.hour else first
        name = self.reserve(first)
        # A hint that spares looking for free names; one that is lost or torn costs a segment its name, no line.
        self._last.write_text(str(name))
        return name

    def reserve(self, name: SegmentName) -> SegmentName:
        """This name or the next one of its hour that no segment here has; nobody gets it a second time."""
        with self._reserving:
            while name in self._reserved or self._holds(name):
                name = name.following()
            self._reserved.add(name)
            return name

    def rename(self, name: SegmentName, other: SegmentName) -> None:
        """Give a finished segment another name, which must be reserved."""
        old, new = self.ready / str(name), self.ready / str(other)
        old.rename(new)
        if journal_of(old).exists():
            journal_of(old).rename(journal_of(new))
        sync_folder(self.ready)

    def _holds(self, name: SegmentName) -> bool:
        return (self.active / str(name)).exists() or (self.ready / str(name)).exists()


def remove(path: Path) -> None:
    """Delete a segment and its journal."""
    path.unlink(missing_ok=True)
    journal_of(path).unlink(missing_ok=True)


class SegmentWriter:
    """Appends lines to the active segment and begins another where it is full or old. For one thread.

    Args:
        directory: Where segments are.
        limit: Bytes; a segment exceeds them only by being one line.
        age: Seconds after which a segment is finished even if it is small.
        on_begin: Called with each new segment before its first line.
        clock: Seconds since 1970 UTC.
    """

    def __init__(
        self,
        directory: SegmentDirectory,
        limit: int,
        age: float,
        on_begin: Callable[[SegmentName, WriteAheadFile], None],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._directory = directory
        self._limit = limit
        self._age = age
        self._on_begin = on_begin
        self._clock = clock
        self._name: SegmentName | None = None
        self._file: WriteAheadFile | None = None
        self._begun = 0.0
        self._failure: WriteAheadError | None = None

    @property
    def name(self) -> SegmentName | None:
        """Of the active segment; None between two."""
        return self._name

    @property
    def acknowledged(self) -> Acknowledged:
        """Of the active segment."""
        return self._file.acknowledged if self._file else Acknowledged()

    def append(self, lines: list[bytes], counter: int) -> None:
        """Acknowledge lines, in order; all are durable when this returns.

        Args:
            lines: Each with its line feed.
            counter: Of the first line; they are numbered without holes.

        Raises:
            WriteAheadError: The disk refused, now or before: lines that follow lost ones are not written either.
        """
        if self._failure:
            raise self._failure
        try:
            self._append(lines, counter)
        except OSError as error:
            self._failure = unwritable(self._directory.active, error)
            raise self._failure from error
        except WriteAheadError as error:
            self._failure = error
            raise

    def _append(self, lines: list[bytes], counter: int) -> None:
        rest = lines
        while rest:
            fitting = self._fitting(rest)
            if not fitting:
                self.rotate()
                continue
            self._active().append(rest[:fitting], counter + fitting - 1)
            rest, counter = rest[fitting:], counter + fitting

    def rotate_if_old(self) -> None:
        """Finish the active segment if its age is reached."""
        if self._file and self._clock() - self._begun >= self._age:
            self.rotate()

    def rotate(self) -> None:
        """Finish the active segment, if there is one."""
        if self._file is None or self._file.is_broken:
            return
        self._directory.make_ready(self._file.path)
        # Only now may its upload end: what follows an upload looks for the file in `ready`.
        self._file.finish()
        self._name = self._file = None

    def _fitting(self, lines: list[bytes]) -> int:
        """How many of the lines the active segment takes; at least one where it is new."""
        size = self.acknowledged.size
        for number, line in enumerate(lines):
            size += len(line)
            if size > self._limit:
                return max(number, 0 if self.acknowledged.lines else 1)
        return len(lines)

    def _active(self) -> WriteAheadFile:
        if self._file is None:
            self._begun = self._clock()
            self._name = self._directory.begin(datetime.fromtimestamp(self._begun, UTC))
            self._file = WriteAheadFile(self._directory.active / str(self._name))
            sync_folder(self._directory.active)
            self._on_begin(self._name, self._file)
        return self._file
