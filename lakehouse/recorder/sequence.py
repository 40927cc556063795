"""Sequence numbers of one connection: what is missing, and what came before.

They count the messages of a connection over all its channels, from 0; a number skipped is a message lost
(https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis/websocket/websocket-overview).
"""

from dataclasses import dataclass, field
from typing import Literal

Seen = Literal["in_order", "gap", "late", "duplicate"]
_REMEMBERED_GAPS = 1000


@dataclass(slots=True)
class SequenceTracker:
    """Judges one number after the other."""

    expected: int = 0
    _missing: list[range] = field(default_factory=list)

    def observe(self, number: int) -> Seen:
        """What the number means.

        Returns:
            `gap` where messages from `expected`, as it was before the call, up to the number are missing; `late`
            where one of those arrives after all; `duplicate` where the number has been there.
        """
        expected = self.expected
        if number == expected:
            self.expected = number + 1
            return "in_order"
        if number > expected:
            self._missing = [*self._missing[1 - _REMEMBERED_GAPS :], range(expected, number)]
            self.expected = number + 1
            return "gap"
        for position, gap in enumerate(self._missing):
            if number in gap:
                rest = (range(gap.start, number), range(number + 1, gap.stop))
                self._missing[position : position + 1] = [part for part in rest if part]
                return "late"
        return "duplicate"
