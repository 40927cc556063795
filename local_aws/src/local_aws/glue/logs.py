"""Output of a run, line by line into CloudWatch while it runs."""

import os
import threading
import time

from moto.logs.models import logs_backends

FLUSH_SECONDS = 0.2
LINE_CHARACTERS_MAX = 200_000  # CloudWatch takes events of up to 256 KB
BATCH_MAX = 5_000
PIPE_BYTES = 65_536


class LogStream:
    """Reads one pipe of a process into one log stream, named by the run's id."""

    _lock = threading.Lock()

    def __init__(self, account_id: str, region: str, group: str, run_id: str) -> None:
        self.group, self.stream = group, run_id
        self._backend = logs_backends[account_id][region]
        with self._lock:
            self._backend.ensure_log_group(self.group)
            self._backend.ensure_log_stream(self.group, self.stream)
        self.read_end, self.write_end = os.pipe()
        self._thread = threading.Thread(target=self._pump, name=f"log-{run_id[:8]}", daemon=True)
        self._thread.start()

    def close(self, wait_seconds: float = 2.0) -> None:
        """Wait for what was written, not for a writer that outlives the run."""
        self.started()
        self._thread.join(wait_seconds)

    def started(self) -> None:
        """The process has its copy of the write end: close ours, so that its end is seen."""
        if self.write_end >= 0:
            os.close(self.write_end)
            self.write_end = -1

    def write(self, text: str) -> None:
        """Add lines of our own."""
        self._put(text.splitlines())

    def _pump(self) -> None:
        rest, lines, flushed = b"", [], time.monotonic()
        with os.fdopen(self.read_end, "rb", buffering=0) as pipe:
            while chunk := pipe.read(PIPE_BYTES):
                *whole, rest = (rest + chunk).split(b"\n")
                lines += [line.decode(errors="replace") for line in whole]
                # A burst is put in batches; a line that comes alone is put at once.
                if time.monotonic() - flushed > FLUSH_SECONDS or len(chunk) < PIPE_BYTES:
                    self._put(lines)
                    lines, flushed = [], time.monotonic()
        self._put([*lines, rest.decode(errors="replace")] if rest else lines)

    def _put(self, lines: list[str]) -> None:
        now = int(time.time() * 1000)
        events = [{"timestamp": now, "message": line[:LINE_CHARACTERS_MAX]} for line in lines if line.strip()]
        for start in range(0, len(events), BATCH_MAX):
            batch = events[start : start + BATCH_MAX]
            with self._lock:
                self._backend.put_log_events(self.group, self.stream, batch)
