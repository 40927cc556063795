"""What a connection hears before it is whole: a snapshot of many megabytes takes longer than any silence may last."""

import time
from typing import Any

from websockets.asyncio.client import ClientConnection
from websockets.client import ClientProtocol

from lakehouse.recorder.counts import Counts

LARGEST_CONTROL_FRAME = 127
"""Bytes of a ping or pong without a mask: RFC 6455, 5.2 and 5.5. They do not prove that the feed is alive."""
LARGE_BYTES = 64 * 1024
"""Of a message that is not whole yet, from which on it holds up what the exchange says after it."""


class HearingConnection(ClientConnection):
    """Notes when data comes in.

    Args:
        counts: `last_received` is kept up to date.
        protocol: For `ClientConnection`, as `limits` are.

    Attributes:
        last_of_large: `time.monotonic()` when a part of a large message came last; 0 before the first.
    """

    def __init__(self, counts: Counts, protocol: ClientProtocol, **limits: Any) -> None:
        super().__init__(protocol, **limits)
        self.last_of_large = 0.0
        self._counts = counts
        self._messages = counts.messages
        self._size = 0

    def data_received(self, data: bytes) -> None:
        """Take what the transport has read."""
        if self.response is not None and len(data) > LARGEST_CONTROL_FRAME:
            counts = self._counts
            counts.last_received = time.monotonic()
            self._size = self._size + len(data) if counts.messages == self._messages else 0
            self._messages = counts.messages
            if self._size >= LARGE_BYTES:
                self.last_of_large = counts.last_received
        super().data_received(data)
