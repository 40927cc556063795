"""The write-ahead file: what was acknowledged survives a cut at any byte."""

import os
import tempfile
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.recorder.segments import SegmentDirectory
from lakehouse.recorder.write_ahead import (
    Acknowledged,
    Lock,
    Tail,
    WriteAheadError,
    WriteAheadFile,
    journal_of,
    read_journal,
    recover,
)

NAME = "segment_20260407T14_00001.ndjson"
flushes = st.lists(
    st.lists(
        st.binary(max_size=30).map(lambda text: text.replace(b"\n", b" ") + b"\n"), min_size=1, max_size=4
    ),
    min_size=1,
    max_size=5,
)


def written(path: Path, batches: list[list[bytes]]) -> WriteAheadFile:
    file = WriteAheadFile(path)
    counter = -1
    for lines in batches:
        counter += len(lines)
        file.append(lines, counter)
    return file


@settings(max_examples=40, deadline=None)
@given(flushes, st.binary(max_size=40), st.data())
def test_a_crash_at_any_byte_keeps_every_acknowledged_line(
    batches: list[list[bytes]], unacknowledged: bytes, data: st.DataObject
) -> None:
    """A crash leaves the acknowledged bytes and any beginning of what was being written."""
    with tempfile.TemporaryDirectory() as folder:
        directory = SegmentDirectory(Path(folder), "coinbase")
        path = directory.active / NAME
        written(path, batches)
        safe = b"".join(line for lines in batches for line in lines)
        torn = unacknowledged[: data.draw(st.integers(0, len(unacknowledged)))]
        with path.open("ab") as file:
            file.write(torn)

        names = directory.recover()

        assert [str(name) for name in names] == [NAME]
        kept = (directory.ready / NAME).read_bytes()
        assert kept == safe + torn[: torn.rfind(b"\n") + 1]
        assert read_journal(directory.ready / NAME).size == len(safe)
        assert not list(directory.active.iterdir())


@settings(max_examples=40, deadline=None)
@given(flushes, st.data())
def test_a_file_that_lost_acknowledged_bytes_is_reported(
    batches: list[list[bytes]], data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, NAME)
        size = written(path, batches).acknowledged.size
        os.truncate(path, data.draw(st.integers(0, size - 1)))

        with pytest.raises(WriteAheadError, match=rf"journal acknowledged {size}: the disk lost"):
            recover(path)


@pytest.mark.parametrize(
    ("torn", "size"),
    [("", 4), ("8", 4), ("8 2", 4), ("8 2 1", 4), ("8 2 1\n", 8)],
)
def test_a_torn_entry_of_the_journal_does_not_count(tmp_path: Path, torn: str, size: int) -> None:
    path = tmp_path / NAME
    written(path, [[b"abc\n"]])
    with journal_of(path).open("a") as journal:
        journal.write(torn)

    assert read_journal(path).size == size


def test_without_a_journal_nothing_is_acknowledged(tmp_path: Path) -> None:
    assert read_journal(tmp_path / NAME) == Acknowledged(0, 0, -1)


def test_a_segment_without_a_whole_line_is_removed(tmp_path: Path) -> None:
    directory = SegmentDirectory(tmp_path, "coinbase")
    (directory.active / NAME).write_bytes(b"torn")
    journal_of(directory.active / NAME).touch()

    assert directory.recover() == []
    assert not list(directory.active.iterdir())


def test_the_last_line_feed_is_found_behind_many_megabytes(tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_bytes(b"whole\n" + b"x" * 3_000_000)

    assert recover(path) == 6
    assert path.read_bytes() == b"whole\n"


def test_a_tail_reads_what_is_acknowledged_until_the_end(tmp_path: Path) -> None:
    file = WriteAheadFile(tmp_path / NAME)
    file.append([b"one\n"], 0)
    read: list[bytes] = []

    def follow() -> None:
        with file.path.open("rb") as stream:
            tail = Tail(file, stream)
            while block := tail.read(6):
                read.append(block)

    follower = threading.Thread(target=follow)
    follower.start()
    file.append([b"two\n"], 1)
    with file.path.open("ab") as other:
        other.write(b"not acknowledged\n")
    follower.join(0.2)
    assert follower.is_alive(), "more may come"
    file.finish()
    follower.join(10)

    assert read == [b"one\ntw", b"o\n"]


def test_a_full_disk_ends_the_recording_and_its_upload(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = WriteAheadFile(tmp_path / NAME)
    file.append([b"one\n"], 0)

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fdatasync", full)
    with pytest.raises(WriteAheadError, match="No space left"):
        file.append([b"two\n"], 1)

    assert file.acknowledged == Acknowledged(4, 1, 0)
    with file.path.open("rb") as stream, pytest.raises(WriteAheadError, match="next start"):
        Tail(file, stream).read()


def test_one_recorder_a_directory(tmp_path: Path) -> None:
    with Lock(tmp_path), pytest.raises(WriteAheadError, match="--write-ahead-dir"), Lock(tmp_path):
        pass
    with Lock(tmp_path):
        pass
