"""What the recorder counts, as CloudWatch metrics in its log."""

import time

from lakehouse.embedded_metrics import embedded_metrics
from lakehouse.recorder.counts import Counts

NAMESPACE = "Lakehouse/Recorder"
_TOTALS = {
    "Messages": ("messages", "Count"),
    "ReceivedBytes": ("received_bytes", "Bytes"),
    "AcknowledgedLines": ("acknowledged", "Count"),
    "Connections": ("connections", "Count"),
    "SequenceGaps": ("gaps", "Count"),
    "MissingMessages": ("missing", "Count"),
    "DuplicateMessages": ("duplicates", "Count"),
    "UnreadableMessages": ("unreadable", "Count"),
    "HeartbeatGaps": ("heartbeat_gaps", "Count"),
}
"""Metric → the count whose growth it is, and its unit."""


class Metrics:
    """Makes one document an interval; totals become what was added since the one before.

    Args:
        counts: What to report.
        source: Value of the dimension `Source`.
    """

    def __init__(self, counts: Counts, source: str) -> None:
        self._counts = counts
        self._source = source
        self._before: dict[str, int] = {}

    def document(self, waiting_segments: int, upload_failures: int) -> str:
        """The document, in one line.

        Args:
            waiting_segments: Not in the vault yet.
            upload_failures: Since the start.
        """
        now = {name: getattr(self._counts, count) for name, (count, _) in _TOTALS.items()}
        now["UploadFailures"] = upload_failures
        values: dict[str, float] = {name: total - self._before.get(name, 0) for name, total in now.items()}
        self._before = now
        values["AcknowledgeLag"] = self._counts.worst_lag_ns / 1e6
        values["FeedLag"] = self._counts.feed_lag_ns / 1e6
        values["WaitingSegments"] = waiting_segments
        self._counts.worst_lag_ns = 0
        units = {name: unit for name, (_, unit) in _TOTALS.items()}
        units |= {"AcknowledgeLag": "Milliseconds", "FeedLag": "Milliseconds"}
        now_ms = time.time_ns() // 1_000_000
        return embedded_metrics(NAMESPACE, [["Source"]], units, values, now_ms, {"Source": self._source})
