"""Rate limits of the feed.

8 connections and 8 unauthenticated messages a second for each address:
https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis/websocket/websocket-rate-limits
"""

from collections import deque

PER_SECOND = 8


class RateLimit:
    """So many in any second. All clients of a simulated exchange count as one address."""

    def __init__(self, per_second: int = PER_SECOND) -> None:
        self._latest: deque[float] = deque(maxlen=per_second)

    def allows(self, wall: float) -> bool:
        """Whether one more is allowed at this moment, in seconds of a steady clock; if so it counts."""
        if len(self._latest) == self._latest.maxlen and wall - self._latest[0] < 1.0:
            return False
        self._latest.append(wall)
        return True
