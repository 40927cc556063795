"""What one connection brings: each frame becomes a line, each jump of the sequence number a line before it."""

import time
from collections.abc import Callable

from lakehouse.recorder.counts import Counts
from lakehouse.recorder.envelope import Envelope, EventKind
from lakehouse.recorder.frame import events, parsed, usual
from lakehouse.recorder.heartbeat import heartbeat
from lakehouse.recorder.intake import Intake
from lakehouse.recorder.sequence import SequenceTracker

_CHANNELS = {"l2_data": "level2"}
"""Channels that messages name otherwise than requests, as answers may."""


class ExchangeError(Exception):
    """The exchange sent `{"type": "error"}`; the message is its own."""


class Session:
    """Takes the frames of one connection. None of its methods blocks.

    Args:
        connection_id: Of the connection.
        products: All products that it is subscribed to.
        channels: All channels, by the names under which they are subscribed to.
        envelope: Makes the lines.
        intake: Takes them.
        counts: Kept up to date.
        on_gap: Called after a gap event was taken.
    """

    def __init__(
        self,
        connection_id: str,
        products: list[str],
        channels: list[str],
        envelope: Envelope,
        intake: Intake,
        counts: Counts,
        on_gap: Callable[[], None],
    ) -> None:
        self.connection_id = connection_id
        self.confirmed: set[str] = set()
        """Channels that the exchange has confirmed."""
        self._products = products
        self._channels = channels
        self._envelope = envelope
        self._intake = intake
        self._counts = counts
        self._on_gap = on_gap
        self._sequence = SequenceTracker()
        self._heartbeat: int | None = None

    def connected(self, endpoint: str) -> None:
        """Record that the connection is open."""
        self._event("connected", endpoint=endpoint, products=self._products, channels=self._channels)

    def disconnected(self, reason: str) -> None:
        """Record that it is not any more."""
        self._event("disconnected", reason=reason)

    def frame(self, payload: bytes) -> None:
        """Take a frame; raises ExchangeError after an error of the exchange was taken."""
        received_ns = time.time_ns()
        counts = self._counts
        counts.messages += 1
        counts.received_bytes += len(payload)
        counts.last_received = time.monotonic()
        found = usual(payload)
        if found is None:
            self._unusual(payload, received_ns)
            return
        channel, number = found
        self._take(payload, received_ns, number)
        if channel == b"heartbeats":
            self._beat(payload, received_ns)
        elif channel == b"subscriptions":
            self._confirm(payload)

    def _take(self, payload: bytes, received_ns: int, number: int) -> None:
        expected = self._sequence.expected
        seen = self._sequence.observe(number)
        if seen == "gap":
            self._counts.gaps += 1
            self._counts.missing += number - expected
            self._event(
                "gap",
                expected_sequence=expected,
                received_sequence=number,
                products=self._products,
                channels=self._channels,
            )
            self._on_gap()
        elif seen == "late":
            self._counts.missing -= 1
        elif seen == "duplicate":
            self._counts.duplicates += 1
        line = self._envelope.message(
            self.connection_id, received_ns, payload, is_duplicate=seen == "duplicate"
        )
        self._intake.put(line, received_ns)

    def _unusual(self, payload: bytes, received_ns: int) -> None:
        frame = parsed(payload)
        if frame.sequence_num is None:
            self._counts.unreadable += 1
            self._intake.put(self._envelope.message(self.connection_id, received_ns, payload), received_ns)
        else:
            self._take(payload, received_ns, frame.sequence_num)
        if frame.error is not None:
            raise ExchangeError(frame.error)
        if frame.channel == "heartbeats":
            self._beat(payload, received_ns)
        elif frame.channel == "subscriptions":
            self._confirm(payload)

    def _beat(self, payload: bytes, received_ns: int) -> None:
        found = heartbeat(payload)
        if found is None:
            return
        if found.time_ns is not None:
            self._counts.feed_lag_ns = received_ns - found.time_ns
        if found.counter is not None:
            if self._heartbeat is not None and found.counter > self._heartbeat + 1:
                self._counts.heartbeat_gaps += 1
            self._heartbeat = found.counter

    def _confirm(self, payload: bytes) -> None:
        for event in events(payload):
            subscriptions = event.get("subscriptions")
            if isinstance(subscriptions, dict):
                self.confirmed.update(_CHANNELS.get(name, name) for name in map(str, subscriptions))

    def _event(self, kind: EventKind, **members: str | int | list[str]) -> None:
        now = time.time_ns()
        self._intake.put(self._envelope.event(kind, self.connection_id, now, **members), now)
