"""Segments on their way to the vault: names that are taken, uploads that were not told of their success."""

import hashlib
from pathlib import Path

import pytest

from lakehouse.recorder import uploader
from lakehouse.recorder.segments import SegmentDirectory
from lakehouse.recorder.uploader import Uploader
from lakehouse.recorder.write_ahead import WriteAheadFile
from lakehouse.storage.objects.local import LocalStore
from lakehouse.storage.objects.paths import SegmentName, Stage, segment_path
from lakehouse.storage.objects.store import StoreError

NAME = SegmentName("20260407T14", 1)
OURS = b'{"recorder_id":"ours"}\n'


@pytest.fixture
def directory(tmp_path: Path) -> SegmentDirectory:
    return SegmentDirectory(tmp_path / "ahead", "coinbase")


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "vault")


def left_over(directory: SegmentDirectory) -> None:
    (directory.ready / str(NAME)).write_bytes(OURS)


def resumed(store: LocalStore, directory: SegmentDirectory) -> Uploader:
    ours = Uploader(store, directory, "coinbase", "coinbase_messages")
    for name in directory.recover():
        ours.resume(name)
    assert ours.close() == 0
    return ours


DIGEST = hashlib.sha256(OURS).hexdigest()[:16]


@pytest.mark.parametrize(
    "delivered",
    [
        f"raw/ready/coinbase/{NAME}",
        f"raw/processing/coinbase/{NAME}",
        f"raw/archive/coinbase_messages/{DIGEST}/{NAME}",
        f"raw/failed/coinbase_messages/{DIGEST}/{NAME}",
    ],
)
def test_what_was_delivered_before_a_crash_is_not_delivered_again(
    store: LocalStore, directory: SegmentDirectory, delivered: str
) -> None:
    left_over(directory)
    store.write(delivered, OURS)

    resumed(store, directory)

    assert store.list_files("") == [delivered]
    assert not list(directory.ready.iterdir())


def test_a_name_that_another_recorders_loaded_segment_had_is_free(
    store: LocalStore, directory: SegmentDirectory
) -> None:
    left_over(directory)
    theirs = f"raw/archive/coinbase_messages/{'0' * 16}/{NAME}"
    store.write(theirs, b'{"recorder_id":"theirs"}\n')

    resumed(store, directory)

    assert store.list_files("") == [theirs, f"raw/ready/coinbase/{NAME}"]


@pytest.mark.parametrize("stage", ["ready", "processing"])
def test_another_recorders_segment_is_not_replaced(
    store: LocalStore, directory: SegmentDirectory, stage: Stage
) -> None:
    left_over(directory)
    theirs = segment_path(stage, "coinbase", NAME)
    store.write(theirs, b'{"recorder_id":"theirs"}\n')
    second = segment_path("processing", "coinbase", NAME.following())
    store.write(second, b'{"recorder_id":"theirs too"}\n')

    resumed(store, directory)

    third = segment_path("ready", "coinbase", NAME.following().following())
    assert store.list_files("") == sorted([theirs, second, third])
    assert store.read(third) == OURS
    assert b"theirs" in store.read(theirs)


def test_a_segment_that_grows_is_renamed_when_it_is_finished(
    store: LocalStore, directory: SegmentDirectory
) -> None:
    store.write(segment_path("ready", "coinbase", NAME), b'{"recorder_id":"theirs"}\n')
    file = WriteAheadFile(directory.active / str(directory.reserve(NAME)))
    ours = Uploader(store, directory, "coinbase", "coinbase_messages")
    ours.follow(NAME, file)
    file.append([OURS], 0)
    directory.make_ready(file.path)
    file.finish()

    assert ours.close() == 0
    assert store.read(segment_path("ready", "coinbase", NAME.following())) == OURS


def test_a_vault_that_fails_leaves_the_segment_here(
    store: LocalStore, directory: SegmentDirectory, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "vault").write_text("a file where a folder should be")
    left_over(directory)
    ours = Uploader(store, directory, "coinbase", "coinbase_messages")
    ours.resume(NAME)

    assert ours.close() == 1
    assert (directory.ready / str(NAME)).read_bytes() == OURS
    assert "stays on this machine" in caplog.text


def test_an_upload_that_failed_is_tried_again_after_longer_and_longer_pauses(
    store: LocalStore, directory: SegmentDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    left_over(directory)
    attempts: list[str] = []
    upload = store.upload_stream

    def failing(path: str, *arguments: object, **options: object) -> None:
        attempts.append(path)
        if len(attempts) < 4:
            raise StoreError("SlowDown")
        upload(path, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "upload_stream", failing)
    monkeypatch.setattr(uploader, "FIRST_PAUSE_SECONDS", 0.001)
    ours = Uploader(store, directory, "coinbase", "coinbase_messages")
    ours.resume(NAME)
    while ours.waiting:
        pass

    assert ours.failures == 3
    assert ours.uploaded == 1
    assert store.read(segment_path("ready", "coinbase", NAME)) == OURS
    ours.close()
