"""Of which trades and connections some days are made exactly as they are of all of them.

A day more at either side holds all that is late, and beyond it what lies next is enough: it says that there is
something, and how far what is missing reaches. A connection is taken whole, for its numbers count from its begin.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from lakehouse.transforms.market_data.timeline import DAY, Timeline, Topic


@dataclass
class Context:
    """What to read."""

    days: set[int]
    """All trades of these."""
    nearest: set[tuple[str, int]] = field(default_factory=set)
    """Products and days: their trades."""
    connections: set[str] = field(default_factory=set)
    """All that they brought."""


def context_of(timeline: Timeline, days: set[int]) -> Context:
    """What the rows of these days are made of; the timeline is in order."""
    found = Context({day + beside for day in days for beside in (-1, 0, 1)})
    for first, last in _stretches(found.days):
        found.nearest |= _nearest_days(timeline, first, last)
        found.connections |= _connections(timeline, first * DAY, (last + 1) * DAY)
    return found


def _stretches(days: set[int]) -> Iterator[tuple[int, int]]:
    """First and last of days that follow each other."""
    lasts = sorted(day for day in days if day + 1 not in days)
    firsts = sorted(day for day in days if day - 1 not in days)
    return zip(firsts, lasts, strict=True)


def _nearest_days(timeline: Timeline, first: int, last: int) -> set[tuple[str, int]]:
    found = set()
    for product, days in timeline.trades.items():
        earlier, later = [d for d in days if d < first], [d for d in days if d > last]
        found |= {(product, max(earlier))} if earlier else set()
        found |= {(product, min(later))} if later else set()
    return found


def _connections(timeline: Timeline, since: int, until: int) -> set[str]:
    """Those open in `[since, until)`, and of each topic the one that ended last before and that began first after."""
    found: set[str] = set()
    earlier: dict[Topic, tuple[int, str]] = {}
    later: dict[Topic, tuple[int, str]] = {}
    for name, connection in timeline.connections.items():
        begins, ends = connection.extent
        if begins < until and ends >= since:
            found.add(name)
        elif connection.heard:
            first, last = (connection.heard[0], name), (connection.heard[1], name)
            for topic in connection.topics:
                if ends < since:
                    earlier[topic] = max(earlier.get(topic, last), last)
                else:
                    later[topic] = min(later.get(topic, first), first)
    return found | {name for _, name in (*earlier.values(), *later.values())}
