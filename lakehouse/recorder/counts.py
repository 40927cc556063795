"""What the recorder has counted since it started; status line, metrics and health read it."""

from dataclasses import dataclass


@dataclass(slots=True)
class Counts:
    """Plain numbers, written by the event loop only.

    Attributes:
        messages: Frames received.
        received_bytes: Of their payloads.
        acknowledged: Lines of all kinds.
        connections: That were opened.
        gaps: Jumps of a sequence number.
        missing: Messages that those jumps skipped, less those that arrived late.
        duplicates: Messages whose sequence number had been there.
        unreadable: Frames without a sequence number that can be read.
        heartbeat_gaps: Jumps of the heartbeat counter.
        acknowledge_lag_ns: From the oldest frame of the latest flush to its acknowledgement.
        worst_lag_ns: The largest of those since the metrics were last taken.
        feed_lag_ns: Our clock less the exchange's at the latest heartbeat.
        last_received: `time.monotonic()` when a frame, or a part of one, came last; 0 before the first.
        is_connected: Whether a connection is open.
    """

    messages: int = 0
    received_bytes: int = 0
    acknowledged: int = 0
    connections: int = 0
    gaps: int = 0
    missing: int = 0
    duplicates: int = 0
    unreadable: int = 0
    heartbeat_gaps: int = 0
    acknowledge_lag_ns: int = 0
    worst_lag_ns: int = 0
    feed_lag_ns: int = 0
    last_received: float = 0
    is_connected: bool = False
