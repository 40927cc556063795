"""Lines on their way from the event loop to the write-ahead file.

A flush takes all lines that are there: at most so many records or so many seconds wait for the next one, and while the
disk is busy with one, the lines of the next gather.
"""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from lakehouse.recorder.counts import Counts
from lakehouse.recorder.segments import SegmentWriter

FULL_BYTES = 256 * 1024 * 1024
"""Lines in memory beyond which no more frames are read."""
_AGE_CHECK_SECONDS = 1.0


class Intake:
    """Buffers lines and has them acknowledged, in order, by a thread of its own.

    Args:
        writer: Where they go; nobody else may use it.
        counts: `acknowledged` and the lags are kept up to date.
        flush_records: So many lines are flushed at once.
        flush_interval: Seconds after which fewer are flushed too.
    """

    def __init__(
        self, writer: SegmentWriter, counts: Counts, flush_records: int, flush_interval: float
    ) -> None:
        self._writer = writer
        self._counts = counts
        self._records = flush_records
        self._interval = flush_interval
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="write-ahead")
        self._counter = 0
        self._lines: list[bytes] = []
        self._size = 0
        self._oldest_ns = 0
        self._some = asyncio.Event()
        self._many = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()

    @property
    def is_full(self) -> bool:
        """Whether to wait for `room` before the next line."""
        return self._size >= FULL_BYTES

    async def room(self) -> None:
        """Return when there is room for more lines."""
        await self._room.wait()

    def put(self, line: bytes, received_ns: int) -> None:
        """Take a line; lines come in the order of their counters."""
        lines = self._lines
        lines.append(line)
        self._size += len(line)
        if len(lines) == 1:
            self._oldest_ns = received_ns
            self._some.set()
        if len(lines) == self._records:
            self._many.set()
        if self.is_full:
            self._many.set()
            self._room.clear()

    async def run(self) -> None:
        """Flush for ever; raises WriteAheadError when the write-ahead file cannot be written."""
        while True:
            try:
                async with asyncio.timeout(_AGE_CHECK_SECONDS):
                    await self._some.wait()
            except TimeoutError:
                await self._in_thread(self._writer.rotate_if_old)
                continue
            try:
                async with asyncio.timeout(self._interval):
                    await self._many.wait()
            except TimeoutError:
                pass
            await self.flush()

    async def flush(self) -> None:
        """Acknowledge all lines that are there."""
        lines, oldest_ns = self._lines, self._oldest_ns
        self._lines, self._size = [], 0
        self._some.clear()
        self._many.clear()
        if lines:
            await self._in_thread(self._append, lines)
            self._counts.acknowledge_lag_ns = time.time_ns() - oldest_ns
            self._counts.worst_lag_ns = max(self._counts.worst_lag_ns, self._counts.acknowledge_lag_ns)
        self._room.set()

    async def close(self) -> None:
        """Acknowledge what is there and finish the segment; call it when `run` has ended."""
        try:
            await self.flush()
            await self._in_thread(self._writer.rotate)
        finally:
            self._thread.shutdown()

    def _append(self, lines: list[bytes]) -> None:
        self._writer.append(lines, self._counter)
        self._counter += len(lines)
        self._counts.acknowledged = self._counter
        self._writer.rotate_if_old()

    async def _in_thread(self, call: Callable[..., None], *arguments: object) -> None:
        # A cancelled flush must not be followed by another before it has ended: lines would change places.
        await asyncio.shield(asyncio.get_running_loop().run_in_executor(self._thread, call, *arguments))
