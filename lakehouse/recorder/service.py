"""The recorder: a feed, a write-ahead directory and a vault, from start to a graceful end."""

import asyncio
import logging
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.text import Text

from lakehouse.recorder.counts import Counts
from lakehouse.recorder.envelope import Envelope
from lakehouse.recorder.feed import Feed
from lakehouse.recorder.health import health, serve
from lakehouse.recorder.intake import Intake
from lakehouse.recorder.metrics import Metrics
from lakehouse.recorder.segments import SegmentDirectory, SegmentWriter
from lakehouse.recorder.status import Status, live
from lakehouse.recorder.subscription import Subscription
from lakehouse.recorder.uploader import Uploader
from lakehouse.recorder.write_ahead import Lock
from lakehouse.storage.objects.store import ObjectStore

logger = logging.getLogger(__name__)

SOURCE = "coinbase"
DATASET = "coinbase_messages"
"""The table of bronze that segments are loaded into, which names where they are put away."""
STATUS_SECONDS = 1.0
LOGGED_STATUS_SECONDS = 60.0
"""Where nobody watches a terminal."""


@dataclass(frozen=True)
class Options:
    """How to record.

    Attributes:
        write_ahead_dir: Folder on a disk that survives a restart.
        segment_size: Bytes of a segment at most.
        segment_age: Seconds after which a smaller one is finished.
        flush_records: Lines that are flushed at once.
        flush_interval: Seconds after which fewer are flushed too.
        health_port: Of the health endpoint; None for none.
        metrics_interval: Seconds between two documents on standard output; 0 for none.
    """

    write_ahead_dir: Path
    segment_size: int = 100_000_000
    segment_age: float = 900.0
    flush_records: int = 100
    flush_interval: float = 0.25
    health_port: int | None = None
    metrics_interval: float = 60.0


@dataclass(frozen=True)
class Outcome:
    """How a recording ended.

    Attributes:
        counts: Of its whole life.
        uploaded: Segments that went to the vault.
        left: Segments that could not; the next start brings them there.
    """

    counts: Counts
    uploaded: int
    left: int


async def forever() -> None:
    """Never return."""
    await asyncio.Event().wait()


async def record(
    subscription: Subscription,
    store: ObjectStore,
    options: Options,
    until: Callable[[], Awaitable[None]] = forever,
) -> Outcome:
    """Record until SIGTERM or SIGINT, or until what `until` waits for.

    Whatever ends it, what was received is flushed, finished and uploaded.

    Raises:
        FeedError: The exchange refuses the subscription.
        WriteAheadError: Another recorder uses the directory, or its disk refuses or has lost data.
        OSError: The health port is taken.
    """
    with Lock(options.write_ahead_dir):
        directory = SegmentDirectory(options.write_ahead_dir, SOURCE)
        left_over = directory.recover()
        uploader = Uploader(store, directory, SOURCE, DATASET)
        for name in left_over:
            uploader.resume(name)
        recorder = Recorder(subscription, directory, uploader, options)
        try:
            await recorder.run(until)
        finally:
            left = await asyncio.to_thread(uploader.close)
        return Outcome(recorder.counts, uploader.uploaded, left)


class Recorder:
    """What runs between recovery and the last upload."""

    def __init__(
        self, subscription: Subscription, directory: SegmentDirectory, uploader: Uploader, options: Options
    ) -> None:
        self.counts = Counts()
        self._silence = subscription.silence
        self._options = options
        self._uploader = uploader
        self._writer = SegmentWriter(directory, options.segment_size, options.segment_age, uploader.follow)
        self._intake = Intake(self._writer, self.counts, options.flush_records, options.flush_interval)
        self._feed = Feed(subscription, Envelope(), self._intake, self.counts)

    async def run(self, until: Callable[[], Awaitable[None]]) -> None:
        """Record until a signal comes, `until` is over or a part fails; the active segment is finished in any case."""
        port = self._options.health_port
        server = await serve(port, lambda: health(self.counts, self._silence)) if port is not None else None
        feeding = asyncio.create_task(self._feed.run())
        ending = asyncio.create_task(self._stop_after(until))
        parts = [asyncio.create_task(part) for part in (self._intake.run(), self._show(), self._measure())]
        try:
            with _stopped_by_signals(lambda: asyncio.ensure_future(self._feed.stop())):
                done, _ = await asyncio.wait([feeding, *parts], return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in (feeding, ending, *parts):
                task.cancel()
            await asyncio.gather(feeding, ending, *parts, return_exceptions=True)
            if server:
                server.close()
            await self._intake.close()

    async def _stop_after(self, until: Callable[[], Awaitable[None]]) -> None:
        await until()
        await self._feed.stop()

    async def _show(self) -> None:
        status, console = Status(self.counts), Console(stderr=True)

        def line() -> str:
            return status.line(self._writer.name, self._writer.acknowledged.size, self._uploader.waiting)

        if (shown := live(console)) is None:
            while True:
                await asyncio.sleep(LOGGED_STATUS_SECONDS)
                logger.info("%s", line())
        with shown:
            while True:
                await asyncio.sleep(STATUS_SECONDS)
                shown.update(Text(line()), refresh=True)

    async def _measure(self) -> None:
        metrics = Metrics(self.counts, SOURCE)
        while self._options.metrics_interval:
            await asyncio.sleep(self._options.metrics_interval)
            sys.stdout.write(metrics.document(self._uploader.waiting, self._uploader.failures) + "\n")
            sys.stdout.flush()
        await forever()


@contextmanager
def _stopped_by_signals(stop: Callable[[], object]) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    signals = (signal.SIGTERM, signal.SIGINT)
    for number in signals:
        loop.add_signal_handler(number, stop)
    try:
        yield
    finally:
        for number in signals:
            loop.remove_signal_handler(number)
