"""Segments end on line boundaries, by size and by age, and no name is used twice."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.recorder.segments import SegmentDirectory, SegmentWriter
from lakehouse.recorder.write_ahead import WriteAheadFile, read_journal
from lakehouse.storage.objects.paths import SegmentName

NOON = 1_775_563_200.0  # 2026-04-07T12:00:00Z, by `date -u -d @1775563200`
lines = st.binary(max_size=20).map(lambda text: text.replace(b"\n", b" ") + b"\n")


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> float:
        return self.now


def writer(
    folder: Path, limit: int = 1000, age: float = 60, clock: Clock | None = None
) -> tuple[SegmentWriter, SegmentDirectory, list[SegmentName]]:
    directory, begun = SegmentDirectory(folder, "coinbase"), []

    def begin(name: SegmentName, file: WriteAheadFile) -> None:
        assert file.acknowledged.size == 0
        begun.append(name)

    return SegmentWriter(directory, limit, age, begin, clock or Clock()), directory, begun


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(lines, min_size=1, max_size=6), max_size=6), st.integers(1, 60))
def test_segments_hold_whole_lines_in_order_within_the_limit(batches: list[list[bytes]], limit: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        target, directory, begun = writer(Path(folder), limit)
        counter = 0
        for batch in batches:
            target.append(batch, counter)
            counter += len(batch)
        target.rotate()

        paths = sorted(directory.ready.glob("*.ndjson"))
        assert [path.name for path in paths] == [str(name) for name in begun]
        contents = [path.read_bytes() for path in paths]
        assert b"".join(contents) == b"".join(line for batch in batches for line in batch)
        assert all(content.endswith(b"\n") for content in contents)
        assert all(len(content) <= limit or content.count(b"\n") == 1 for content in contents)
        seen = -1
        for path, content in zip(paths, contents, strict=True):
            seen += content.count(b"\n")
            assert read_journal(path).counter == seen
        assert not list(directory.active.iterdir())


def test_a_segment_takes_exactly_its_limit(tmp_path: Path) -> None:
    target, directory, _ = writer(tmp_path, limit=8)
    target.append([b"one\n", b"two\n", b"three\n"], 0)
    target.rotate()

    assert [path.read_bytes() for path in sorted(directory.ready.glob("*.ndjson"))] == [
        b"one\ntwo\n",
        b"three\n",
    ]


def test_an_old_segment_is_finished_and_the_next_named_by_its_own_hour(tmp_path: Path) -> None:
    clock = Clock()
    target, directory, begun = writer(tmp_path, age=60, clock=clock)
    target.append([b"one\n"], 0)
    clock.now += 59.9
    target.rotate_if_old()
    names = [target.name]
    clock.now += 0.1
    target.rotate_if_old()
    names.append(target.name)
    assert names == [SegmentName("20260407T12", 1), None]
    target.append([b"two\n"], 1)
    clock.now = NOON + 3600
    target.rotate_if_old()
    target.append([b"three\n"], 2)

    assert list(map(str, begun)) == [
        "segment_20260407T12_00001.ndjson",
        "segment_20260407T12_00002.ndjson",
        "segment_20260407T13_00001.ndjson",
    ]
    assert len(list(directory.ready.glob("*.ndjson"))) == 2


def test_nothing_is_made_where_nothing_comes(tmp_path: Path) -> None:
    target, directory, begun = writer(tmp_path)
    target.rotate()
    target.rotate_if_old()

    assert begun == []
    assert directory.recover() == []


def test_a_name_is_not_used_again_after_its_segment_has_left(tmp_path: Path) -> None:
    target, directory, _ = writer(tmp_path)
    target.append([b"one\n"], 0)
    target.rotate()
    for path in directory.ready.iterdir():
        path.unlink()  # delivered

    again, _, begun = writer(tmp_path)
    again.append([b"two\n"], 0)

    assert list(map(str, begun)) == ["segment_20260407T12_00002.ndjson"]


def test_a_lost_hint_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "last_coinbase").write_text("segment_")
    target, _, begun = writer(tmp_path)
    target.append([b"one\n"], 0)

    assert list(map(str, begun)) == ["segment_20260407T12_00001.ndjson"]
