"""How far a change of what was received reaches: the days of which a bar, a book or a flag may be another one.

What is missing lies between two things that were received. So a change reaches from what came before it to what comes
after it: between trades by their ids, between the spans of a product's connections, and within a connection
everywhere, for its numbers count from its begin and its books go on to its end.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lakehouse.transforms.market_data.completeness import FINAL_SECONDS
from lakehouse.transforms.market_data.losses import LATE_SECONDS
from lakehouse.transforms.market_data.timeline import ANYTHING, DAY, TRADES, Span, Timeline

_SECOND = 1_000_000
_MOST_DAYS = 100
"""More are recomputed as cheaply with the whole table."""


@dataclass(frozen=True)
class Touched:
    """Where rows may have changed."""

    trades: frozenset[tuple[str, int]] = frozenset()
    """Products and days."""
    connections: frozenset[str] = frozenset()


def reached_days(before: Timeline, after: Timeline, touched: Touched) -> set[int] | None:
    """The days that a change reaches; None where it may reach any."""
    if not (before.is_in_order and after.is_in_order):
        return None
    days: set[int] = set()
    for begins, ends in _spans(before, after, touched):
        first, last = (begins - FINAL_SECONDS * _SECOND) // DAY, (ends + LATE_SECONDS * _SECOND) // DAY
        if last - first > _MOST_DAYS:
            return None
        days.update(range(first, last + 1))
    return days if len(days) <= _MOST_DAYS else None


def _spans(before: Timeline, after: Timeline, touched: Touched) -> Iterator[Span]:
    for product in before.products | after.products:
        if _is_new(before, after, product):
            moments = before.of_product(product) + after.of_product(product)
            yield min(moments), max(moments)
    for product, day in touched.trades:
        yield _around_trades(before, after, product, day)
    for timeline in (before, after):
        for connection in touched.connections & timeline.connections.keys():
            yield _around_connection(timeline, connection)


def _is_new(before: Timeline, after: Timeline, product: str) -> bool:
    """Whether a product had no trade or no connection, and has now, or the other way round: flags hang on either."""
    return (product in before.trades) != (product in after.trades) or any(
        ((product, kind) in before.heard) != ((product, kind) in after.heard) for kind in (ANYTHING, TRADES)
    )


def _around_trades(before: Timeline, after: Timeline, product: str, day: int) -> Span:
    """From the last trade before the day to the first one after it."""
    moments: list[int] = []
    for timeline in (before, after):
        days = timeline.trades.get(product, {})
        earlier, later = [d for d in days if d < day], [d for d in days if d > day]
        moments += [days[day].begins, days[day].ends] if day in days else []
        moments += [days[max(earlier)].closed] if earlier else []
        moments += [days[min(later)].opened] if later else []
    return min(moments), max(moments)


def _around_connection(timeline: Timeline, name: str) -> Span:
    """From the end of what was told of its topics before it, to the begin of what was told of them after it."""
    connection = timeline.connections[name]
    moments = [*connection.extent]
    if connection.heard:
        begins, ends = connection.heard
        for topic in connection.topics:
            moments += [_silent_since(timeline.heard[topic], begins)]
            moments += [_silent_until(timeline.heard[topic], ends)]
    return min(moments), max(moments)


def _silent_since(spans: Sequence[Span], moment: int) -> int:
    """When the silence before a span's begin began; that moment where there was none."""
    return min(moment, max((ends for begins, ends in spans if begins < moment), default=moment))


def _silent_until(spans: Sequence[Span], moment: int) -> int:
    """When the silence after a span's end ends; that moment where there is none."""
    if any(begins <= moment < ends for begins, ends in spans):
        return moment
    return min((begins for begins, _ in spans if begins > moment), default=moment)
