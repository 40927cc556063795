"""One product on the exchange: its price wanders, makers quote around it, takers trade at the touch."""

import math
import random
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from lakehouse.simulate.coinbase.book import Book, Level, Side
from lakehouse.simulate.coinbase.products import Product
from lakehouse.simulate.coinbase.times import MILLISECOND

VOLATILITY = 1e-4
"""Standard deviation of the relative change of a price over one second."""
SPACING = 2e-5
"""Mean distance of a quote from the price, relative to it."""
RANGE = (0.6, 1.7)
"""What a price keeps within, relative to its start; levels that nothing reaches lie outside."""
CANCELLED_SHARE = 0.4
MAX_FILLS = 3
RECENT_TRADES = 50


@dataclass(frozen=True, slots=True)
class Trade:
    """A match.

    Attributes:
        trade_id: Consecutive within its product.
        price: Ticks.
        size: Lots.
        side: Of the maker, as on Coinbase: `SELL` is an order that a buyer took.
        time: Nanoseconds since 1970, whole microseconds.
    """

    product_id: str
    trade_id: int
    price: int
    size: int
    side: Literal["BUY", "SELL"]
    time: int


class Listing:
    """A product with its book, its latest trades and its statistics since the exchange opened."""

    def __init__(
        self, product: Product, rng: random.Random, *, opened: int, depth: int, far_levels: int = 0
    ) -> None:
        self.product = product
        self.depth = depth
        self.price = float(product.price)
        self.spacing = max(1.0, product.price * SPACING)
        # An exchange that opens later goes on with higher ids, so that two recordings have no trade in common.
        self.next_trade_id = opened // MILLISECOND + rng.randrange(1_000)
        self.book = Book(self._first_quotes(rng), tuple(self._far_levels(rng, far_levels)))
        self.recent: deque[Trade] = deque(maxlen=RECENT_TRADES)
        self.last = self.low = self.high = product.price
        self.volume = 0

    def quote(self, rng: random.Random, elapsed: float) -> list[Level]:
        """Let the price wander for so many seconds and a maker come or go; return the changed levels."""
        lowest, highest = RANGE
        start = self.product.price
        moved = self.price + rng.gauss(0.0, VOLATILITY * start * math.sqrt(elapsed))
        self.price = min(max(moved, lowest * start), highest * start)
        side = _either(rng)
        price = self._quoted(rng, side)
        levels = self.book.bids if side == "bid" else self.book.offers
        changes = self._withdraw(rng, side, price)
        if price in levels and len(levels) > self.depth // 2 and rng.random() < CANCELLED_SHARE:
            changes.append(self.book.set(side, price, 0))
        else:
            changes.append(self.book.set(side, price, self._size(rng)))
        if len(levels) > self.depth:
            changes.append(self.book.set(side, min(levels) if side == "bid" else max(levels), 0))
        return changes

    def match(self, rng: random.Random, time: int) -> tuple[list[Trade], list[Level]]:
        """Let a taker take from the best level; return the trades and the changed levels."""
        side = _either(rng)
        book = self.book
        price, levels = (book.best_bid, book.bids) if side == "bid" else (book.best_offer, book.offers)
        resting = levels[price]
        taken = min(resting, self._size(rng))
        trades = [self._trade(side, price, size, time) for size in _fills(rng, taken)]
        changes = []
        if taken == resting and len(levels) == 1:
            step = 1 if side == "offer" else -1
            changes.append(book.set(side, max(1, price + step * self._distance(rng)), self._size(rng)))
        changes.append(book.set(side, price, resting - taken))
        return trades, changes

    def _withdraw(self, rng: random.Random, side: Side, price: int) -> list[Level]:
        """Take away what a new quote would cross: makers have seen the price move, and are faster."""
        book = self.book
        if side == "bid":
            if price < book.best_offer:
                return []
            crossed, other = [offer for offer in book.offers if offer <= price], book.offers
        else:
            if price > book.best_bid:
                return []
            crossed, other = [bid for bid in book.bids if bid >= price], book.bids
        opposite: Side = "offer" if side == "bid" else "bid"
        changes = []
        if len(crossed) == len(other):
            away = price + self._distance(rng) if opposite == "offer" else price - self._distance(rng)
            changes.append(book.set(opposite, away, self._size(rng)))
        changes.extend(book.set(opposite, level, 0) for level in crossed)
        return changes

    def _trade(self, side: Side, price: int, size: int, time: int) -> Trade:
        trade = Trade(
            self.product.product_id,
            self.next_trade_id,
            price,
            size,
            "BUY" if side == "bid" else "SELL",
            time,
        )
        self.next_trade_id += 1
        self.recent.append(trade)
        self.last = price
        self.low, self.high = min(self.low, price), max(self.high, price)
        self.volume += size
        return trade

    def _quoted(self, rng: random.Random, side: Side) -> int:
        distance = self._distance(rng)
        return int(self.price) - distance if side == "bid" else int(self.price) + distance

    def _distance(self, rng: random.Random) -> int:
        return 1 + int(rng.expovariate(1.0) * self.spacing)

    def _size(self, rng: random.Random) -> int:
        return 1 + int(rng.expovariate(1.0) * self.product.typical_size)

    def _first_quotes(self, rng: random.Random) -> Iterator[Level]:
        sides: tuple[Side, Side] = ("bid", "offer")
        for side in sides:
            for price in {self._quoted(rng, side) for _ in range(self.depth)}:
                yield side, price, self._size(rng)

    def _far_levels(self, rng: random.Random, count: int) -> Iterator[Level]:
        bids = min(count // 2, self.product.price // 2 - 1)
        for number in range(bids):
            yield "bid", self.product.price // 2 - number, self._size(rng)
        for number in range(count - bids):
            yield "offer", 2 * self.product.price + number, self._size(rng)


def _either(rng: random.Random) -> Side:
    return "bid" if rng.getrandbits(1) else "offer"


def _fills(rng: random.Random, size: int) -> Iterator[int]:
    """Split what a taker takes among the makers of a level."""
    for _ in range(rng.randrange(MAX_FILLS)):
        if size < 2:  # noqa: PLR2004
            break
        part = rng.randrange(1, size)
        yield part
        size -= part
    yield size
