"""Bring segments into the vault: while they are written, part by part, and again from the file if that failed.

A segment stays on this machine until the vault has it, so that no failure of the vault loses a line. It is uploaded to
`raw/ready/`, where it appears only once it is complete, and never again after it has been there: a segment that is
further on, in processing or put away, counts as delivered.
"""

import hashlib
import logging
import threading
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from contextvars import copy_context
from typing import BinaryIO, cast

from lakehouse.recorder.segments import SegmentDirectory, remove
from lakehouse.recorder.write_ahead import Tail, WriteAheadFile
from lakehouse.storage.objects.paths import SHELVES, STAGES, SegmentName, segment_path, shelf_path
from lakehouse.storage.objects.store import FileTakenError, ObjectStore

logger = logging.getLogger(__name__)

UPLOADS_AT_ONCE = 2
FIRST_PAUSE_SECONDS = 5.0
"""Before a failed upload is tried again, doubled from failure to failure."""
LONGEST_PAUSE_SECONDS = 300.0
_HEAD_BYTES = 160


class Uploader:
    """Uploads in threads of its own.

    Args:
        store: The vault.
        directory: Segments on this machine.
        source: As in `raw/ready/<source>/`.
        dataset: As in `raw/archive/<dataset>/`.
    """

    def __init__(
        self,
        store: ObjectStore,
        directory: SegmentDirectory,
        source: str,
        dataset: str,
    ) -> None:
        self._store = store
        self._directory = directory
        self._source = source
        self._dataset = dataset
        self._threads = ThreadPoolExecutor(UPLOADS_AT_ONCE, thread_name_prefix="upload")
        self._running: set[Future[None]] = set()
        self._closing = threading.Event()
        self.uploaded = 0
        """Segments delivered."""
        self.failures = 0
        """Attempts that failed."""

    @property
    def waiting(self) -> int:
        """Segments not delivered yet, the active one included."""
        return sum(not future.done() for future in tuple(self._running))

    def follow(self, name: SegmentName, file: WriteAheadFile) -> None:
        """Upload a segment as it grows."""
        self._submit(name, file)

    def resume(self, name: SegmentName) -> None:
        """Upload a finished segment that an earlier recorder left."""
        self._submit(name, None)

    def close(self) -> int:
        """Wait for all uploads, without pauses between attempts; how many segments stay on this machine.

        Call it when no segment is active any more.
        """
        self._closing.set()
        wait(self._running)
        self._threads.shutdown()
        return sum(future.exception() is not None for future in self._running)

    def _submit(self, name: SegmentName, file: WriteAheadFile | None) -> None:
        self._running = {future for future in self._running if not future.done() or future.exception()}
        self._running.add(self._threads.submit(copy_context().run, self._deliver, name, file))

    def _deliver(self, name: SegmentName, file: WriteAheadFile | None) -> None:
        pause = FIRST_PAUSE_SECONDS
        is_taken = False
        while True:
            is_last = self._closing.is_set()
            try:
                if is_taken:
                    name = self._rename(name, file)
                    is_taken = False
                self._attempt(name, file)
                break
            except FileTakenError:
                is_taken = True
            except Exception as error:
                self.failures += 1
                logger.error("%s is not uploaded yet and stays on this machine: %s", name, error)  # noqa: TRY400
                if is_last:
                    raise
                self._closing.wait(pause)
                pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
        remove(self._directory.ready / str(name))
        self.uploaded += 1

    def _attempt(self, name: SegmentName, file: WriteAheadFile | None) -> None:
        """Raises FileTakenError where the vault has another segment of that name."""
        # In the order in which segments move: one that moves on while this looks is met further on.
        found = self._in_vault(name)
        is_finished = file is None or file.is_finished
        if found is None and is_finished and self._is_put_away(name):
            pass  # delivered, and loaded meanwhile
        elif found is None:
            with self._open(name, file) as stream:
                content = Tail(file, stream) if file else stream
                self._store.upload_stream(self._ready(name), cast("BinaryIO", content), replace=False)
        else:
            # Delivered by an attempt that was not told so, or by a recorder that was killed just then.
            self._must_be_same(name, file, found)
        self._store.discard_unfinished(self._ready(name))

    def _open(self, name: SegmentName, file: WriteAheadFile | None) -> BinaryIO:
        if file and not file.is_finished:
            with suppress(FileNotFoundError):  # it was finished this moment
                return file.path.open("rb")
        return (self._directory.ready / str(name)).open("rb")

    def _in_vault(self, name: SegmentName) -> str | None:
        """The path of a segment of that name in the vault that is not put away."""
        paths = (segment_path(stage, self._source, name) for stage in STAGES[1:])
        return next((path for path in paths if self._store.size(path) is not None), None)

    def _is_put_away(self, name: SegmentName) -> bool:
        """Whether this finished segment has been through `ready` before; its content says, not its name."""
        with (self._directory.ready / str(name)).open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
        paths = (shelf_path(shelf, self._dataset, digest, name) for shelf in SHELVES)
        return any(self._store.size(path) is not None for path in paths)

    def _must_be_same(self, name: SegmentName, file: WriteAheadFile | None, found: str) -> None:
        with self._open(name, file) as own, self._store.open(found) as other:
            # Recorder, connection and counter stand in front: no two segments begin alike.
            if own.read(_HEAD_BYTES) != other.read(_HEAD_BYTES):
                raise FileTakenError(f"{self._store.uri(found)} is another recorder's segment")

    def _rename(self, name: SegmentName, file: WriteAheadFile | None) -> SegmentName:
        """Give a segment whose name is taken the next that is free, as soon as it is finished."""
        if file:
            file.wait_for_end()
        other = self._directory.reserve(name)
        while self._in_vault(other):
            other = self._directory.reserve(other)
        self._store.discard_unfinished(self._ready(name))
        self._directory.rename(name, other)
        logger.warning("the vault has another %s: this recorder's is called %s", name, other)
        return other

    def _ready(self, name: SegmentName) -> str:
        return segment_path("ready", self._source, name)
