"""The write-ahead file of one segment, and the journal of what in it is acknowledged.

A line is acknowledged once the bytes of the file are on disk (fdatasync) and the journal beside it counts it:
`<bytes> <lines> <counter of the last line>`, one entry for each flush. The journal itself is not synced: a power cut
may shorten it, so that it counts less than is safe, never more.
"""

import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Self

JOURNAL = ".journal"
_BLOCK = 1024 * 1024


class WriteAheadError(RuntimeError):
    """The write-ahead directory cannot be used, or has lost what it had acknowledged; the message says what to do."""


def unwritable(path: Path, error: OSError) -> WriteAheadError:
    """What to say where the disk refuses."""
    return WriteAheadError(
        f"{path} cannot be written ({error.strerror}): free space or mend the disk and start the recorder again, which "
        "keeps every acknowledged line"
    )


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """What the journal of a segment counts: bytes and lines from the file's beginning.

    Attributes:
        counter: Of the last line; -1 where there is none.
    """

    size: int = 0
    lines: int = 0
    counter: int = -1


class WriteAheadFile:
    """One segment while it is written. One thread appends; another may follow it with `Tail`."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
        self.path = path
        self._file = os.open(path, flags, 0o640)
        self._journal = os.open(journal_of(path), flags, 0o640)
        self._changed = threading.Condition()
        self.acknowledged = Acknowledged()
        self.is_finished = False
        self.is_broken = False

    def append(self, lines: list[bytes], counter: int) -> None:
        """Write, sync and acknowledge lines.

        Args:
            lines: Each with its line feed.
            counter: Of the last line.

        Raises:
            WriteAheadError: The disk refused. What the file holds behind the acknowledged lines is not known, so that
                nothing may be appended any more; the next start cuts it to whole lines.
        """
        content = b"".join(lines)
        before = self.acknowledged
        after = Acknowledged(before.size + len(content), before.lines + len(lines), counter)
        try:
            _write_all(self._file, content)
            os.fdatasync(self._file)
            _write_all(self._journal, f"{after.size} {after.lines} {after.counter}\n".encode())
        except OSError as error:
            self._break()
            raise unwritable(self.path, error) from error
        with self._changed:
            self.acknowledged = after
            self._changed.notify_all()

    def finish(self) -> None:
        """No line will come any more."""
        os.close(self._file)
        os.close(self._journal)
        with self._changed:
            self.is_finished = True
            self._changed.notify_all()

    def wait_for_end(self) -> None:
        """Return when no line will come any more."""
        with self._changed:
            self._changed.wait_for(lambda: self.is_finished or self.is_broken)

    def wait_for(self, size: int) -> int:
        """Bytes acknowledged, as soon as they are so many or no more will come; raises WriteAheadError."""
        with self._changed:
            self._changed.wait_for(
                lambda: self.is_finished or self.is_broken or self.acknowledged.size >= size
            )
            if self.is_broken:
                raise WriteAheadError(f"{self.path} broke while it was uploaded: the next start uploads it")
            return self.acknowledged.size

    def _break(self) -> None:
        with self._changed:
            self.is_broken = True
            self._changed.notify_all()


class Tail:
    """Reads a segment while it is written: only what is acknowledged, to its end."""

    def __init__(self, segment: WriteAheadFile, stream: BinaryIO) -> None:
        self._segment = segment
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        """So many bytes; fewer only at the end of the finished segment. Blocks until they are there."""
        start = self._stream.tell()
        wanted = 1 << 62 if size < 0 else size
        available = self._segment.wait_for(start + wanted) - start
        return self._stream.read(min(wanted, available))


def journal_of(path: Path) -> Path:
    """The journal beside a segment."""
    return path.with_name(path.name + JOURNAL)


def read_journal(path: Path) -> Acknowledged:
    """What the journal of a segment counts; a torn last entry is not counted, and no journal counts nothing."""
    try:
        content = journal_of(path).read_bytes()
    except FileNotFoundError:
        return Acknowledged()
    entries = content[: content.rfind(b"\n") + 1].splitlines()
    return Acknowledged(*map(int, entries[-1].split())) if entries else Acknowledged()


def recover(path: Path) -> int:
    """Cut a segment that a crash left behind to its last whole line; returns its bytes.

    Whole lines that were not acknowledged yet are kept.

    Raises:
        WriteAheadError: The file is shorter than its journal counts.
    """
    size = _whole_lines(path)
    acknowledged = read_journal(path)
    if size < acknowledged.size:
        raise WriteAheadError(
            f"{path} holds {size} bytes of whole lines, its journal acknowledged {acknowledged.size}: the disk lost "
            f"data. Move the file and {journal_of(path).name} elsewhere to start without them, and check the disk"
        )
    if size < path.stat().st_size:
        with path.open("rb+") as file:
            file.truncate(size)
            os.fsync(file.fileno())
    return size


class Lock:
    """One recorder a write-ahead directory; the kernel lets go when the process dies, however it dies."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / "lock"
        self._file: BinaryIO | None = None

    def __enter__(self) -> Self:
        import fcntl  # noqa: PLC0415 - Unix only, as the recorder is

        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._path.open("ab")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise WriteAheadError(
                f"{self._path.parent} belongs to a recorder that runs: stop it, or give another "
                "--write-ahead-dir"
            ) from None
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()


def _whole_lines(path: Path) -> int:
    """Bytes up to and including the last line feed."""
    with path.open("rb") as file:
        end = file.seek(0, os.SEEK_END)
        while end:
            start = max(0, end - _BLOCK)
            file.seek(start)
            found = file.read(end - start).rfind(b"\n")
            if found >= 0:
                return start + found + 1
            end = start
    return 0


def _write_all(descriptor: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
