"""The line that says how the recorder fares."""

import time

from rich.console import Console
from rich.live import Live
from rich.text import Text

from lakehouse.recorder.counts import Counts
from lakehouse.storage.objects.paths import SegmentName

_MEGABYTE = 1_000_000


class Status:
    """Rates are those since the line before."""

    def __init__(self, counts: Counts) -> None:
        self._counts = counts
        self._messages = 0
        self._at = time.monotonic()

    def line(self, segment: SegmentName | None, size: int, waiting: int) -> str:
        """The status now.

        Args:
            segment: That is written.
            size: Its bytes.
            waiting: Segments that the vault does not have yet.
        """
        counts, now = self._counts, time.monotonic()
        rate = (counts.messages - self._messages) / max(now - self._at, 1e-9)
        self._messages, self._at = counts.messages, now
        return (
            f"{'recording' if counts.is_connected else 'not connected'} · {rate:,.0f} messages/s · "
            f"{counts.messages:,} messages, {counts.received_bytes / _MEGABYTE:,.1f} MB · "
            f"lag {counts.acknowledge_lag_ns / 1e6:.0f} ms · {counts.gaps} gaps, {counts.missing} missing · "
            f"{segment or 'no segment'} {size / _MEGABYTE:.1f} MB · {waiting} to upload"
        )


def live(console: Console) -> Live | None:
    """Where the line is shown and replaced; None where the console is no terminal."""
    return (
        Live(Text(""), console=console, auto_refresh=False, transient=True) if console.is_terminal else None
    )
