"""How often the exchange may be bothered: 8 connections and 8 messages a second and IP address.

https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis/websocket/websocket-rate-limits
"""

import asyncio
import random
from collections import deque
from dataclasses import dataclass

CONNECTIONS_A_SECOND = 8
MESSAGES_A_SECOND = 8


class RateLimit:
    """At most so many in any second."""

    def __init__(self, a_second: int) -> None:
        self._taken: deque[float] = deque(maxlen=a_second)

    async def take(self) -> None:
        """Return when one more is allowed."""
        clock = asyncio.get_running_loop().time
        while len(self._taken) == self._taken.maxlen and (wait := self._taken[0] + 1 - clock()) > 0:
            await asyncio.sleep(wait)
        self._taken.append(clock())


@dataclass
class Backoff:
    """Pauses between attempts that double, each shortened at random by up to a half, so that clients spread.

    Attributes:
        first: Seconds of the first pause.
        longest: Seconds.
    """

    first: float = 1.0
    longest: float = 60.0
    _failures: int = 0

    def pause(self) -> float:
        """Seconds to wait after one more failure."""
        whole = min(self.longest, self.first * 2.0 ** min(self._failures, 30))
        self._failures += 1
        return whole * random.uniform(0.5, 1.0)  # noqa: S311

    def reset(self) -> None:
        """An attempt went well."""
        self._failures = 0
