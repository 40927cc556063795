"""An order book of one connection, from a snapshot and the updates after it, and what it was like minute by minute.

Quantities are absolute, and 0 removes a level. After a gap in the connection's messages the book is not known until the
next snapshot. A book whose best bid is not below its best ask is crossed: nobody could trade by it, so it is not valid
while it is so. Times are microseconds since 1970 UTC.
https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis/websocket/websocket-channels#level2-channel
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

MINUTE = 60_000_000
DEPTH_LEVELS = 10
"""Best levels of each side that count as its depth."""

type Level = tuple[str, Decimal, Decimal]
"""Side (`bid` or `offer`), price, quantity."""


class Side:
    """The levels of one side, the best first."""

    def __init__(self, *, highest_first: bool) -> None:
        self._sign = -1 if highest_first else 1
        self._quantities: dict[Decimal, Decimal] = {}
        self._order: list[Decimal] = []

    def __len__(self) -> int:
        return len(self._order)

    def put(self, price: Decimal, quantity: Decimal) -> None:
        """Set a level's quantity; 0 removes it, and removing what is not there does nothing."""
        place = self._sign * price
        if quantity and place not in self._quantities:
            insort(self._order, place)
        if quantity:
            self._quantities[place] = quantity
        elif self._quantities.pop(place, None) is not None:
            del self._order[bisect_left(self._order, place)]

    @property
    def best(self) -> Decimal | None:
        return self._sign * self._order[0] if self._order else None

    def top(self) -> list[tuple[Decimal, Decimal]]:
        """Price and quantity of the best levels."""
        return [(self._sign * place, self._quantities[place]) for place in self._order[:DEPTH_LEVELS]]


type Stretch = tuple[int, int, bool]
"""Begin and end of a stretch in which a book was known, and whether it was valid then, that is not crossed."""


@dataclass(slots=True)
class Minute:
    """One minute of a book, as far as it was known.

    Attributes:
        start: Its begin.
        stretches: When the book was known, in order.
        events: When whole events changed the book.
        crossed: Of these, those after which the best bid was not below the best ask.
        min_spread: Lowest best ask - best bid; None where a side was empty throughout.
        max_spread: The highest.
        at_end: The book at the end of the minute; None where it was not valid then.
    """

    start: int
    stretches: list[Stretch] = field(default_factory=list)
    events: list[int] = field(default_factory=list)
    crossed: list[int] = field(default_factory=list)
    min_spread: Decimal | None = None
    max_spread: Decimal | None = None
    at_end: "State | None" = None

    @property
    def tells_something(self) -> bool:
        return bool(self.crossed) or any(is_valid for *_, is_valid in self.stretches)

    def know(self, begins: int, ends: int, *, is_valid: bool) -> None:
        """Add a stretch to those before it."""
        if begins == ends:
            return
        if self.stretches and self.stretches[-1][1:] == (begins, is_valid):
            begins = self.stretches.pop()[0]
        self.stretches.append((begins, ends, is_valid))


@dataclass(frozen=True, slots=True)
class State:
    """A book at an instant; `changed` is when its last event was."""

    changed: int
    best_bid: Decimal | None
    best_ask: Decimal | None
    bid_levels: int
    ask_levels: int
    bids: list[tuple[Decimal, Decimal]]
    asks: list[tuple[Decimal, Decimal]]


class Book:
    """Fed in the order of the connection's messages; hands out minutes when they are over."""

    def __init__(self) -> None:
        self._bids: Side | None = None
        self._asks: Side | None = None
        self._now = self._changed = 0
        self._minute: Minute | None = None

    @property
    def is_valid(self) -> bool:
        return self._is_known and not self._is_crossed

    @property
    def _is_known(self) -> bool:
        return self._bids is not None

    def event(self, time: int, levels: Iterable[Level], *, is_snapshot: bool) -> Iterator[Minute]:
        """Apply a whole event; an update of a book that is not known does nothing."""
        yield from self._advance(time)
        if is_snapshot:
            self._bids, self._asks = Side(highest_first=True), Side(highest_first=False)
        if self._bids is None or self._asks is None:
            return
        for side, price, quantity in levels:
            (self._bids if side == "bid" else self._asks).put(price, quantity)
        self._changed = self._now
        minute = self._current()
        minute.events.append(self._now)
        if self._is_crossed:
            minute.crossed.append(self._now)
        self._observe(minute)

    def lose(self, time: int) -> Iterator[Minute]:
        """Nothing is known of the book from now on."""
        yield from self._advance(time)
        self._bids = self._asks = None

    def end(self, time: int) -> Iterator[Minute]:
        """The last thing that was heard."""
        yield from self._advance(time)
        if self._minute and self._minute.tells_something:
            yield self._minute

    def _advance(self, time: int) -> Iterator[Minute]:
        """Let time pass; clocks that go back stand still."""
        time = max(time, self._now)
        while self._minute and time >= self._minute.start + MINUTE:
            minute = self._minute
            over = minute.start + MINUTE
            if self._is_known:
                minute.know(self._now, over, is_valid=self.is_valid)
            if self.is_valid:
                minute.at_end = self._state()
            self._now = over
            if minute.tells_something:
                yield minute
            self._minute = None
            if self.is_valid:
                self._observe(self._current())
        if self._minute and self._is_known:
            self._minute.know(self._now, time, is_valid=self.is_valid)
        self._now = time

    def _current(self) -> Minute:
        if self._minute is None:
            self._minute = Minute(self._now - self._now % MINUTE)
        return self._minute

    def _observe(self, minute: Minute) -> None:
        bid, ask = self._best()
        if bid is None or ask is None or bid >= ask:
            return
        spread = ask - bid
        minute.min_spread = spread if minute.min_spread is None else min(minute.min_spread, spread)
        minute.max_spread = spread if minute.max_spread is None else max(minute.max_spread, spread)

    @property
    def _is_crossed(self) -> bool:
        bid, ask = self._best()
        return bid is not None and ask is not None and bid >= ask

    def _best(self) -> tuple[Decimal | None, Decimal | None]:
        if self._bids is None or self._asks is None:
            return None, None
        return self._bids.best, self._asks.best

    def _state(self) -> State | None:
        if self._bids is None or self._asks is None:
            return None
        bid, ask = self._best()
        sizes = len(self._bids), len(self._asks)
        return State(self._changed, bid, ask, *sizes, self._bids.top(), self._asks.top())
