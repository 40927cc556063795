"""What happens on the exchange and when, from a seed alone: who listens changes nothing."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from lakehouse.simulate.coinbase.book import Level
from lakehouse.simulate.coinbase.faults import Trigger
from lakehouse.simulate.coinbase.listing import Listing, Trade
from lakehouse.simulate.coinbase.products import Product
from lakehouse.simulate.coinbase.times import MICROSECOND, SECOND

LATEST = 2 * SECOND
"""How much earlier than it is told a trade may have happened, where trades come out of order."""


@dataclass(frozen=True, slots=True)
class MarketEvent:
    """One thing that happened to one product.

    Attributes:
        time: Nanoseconds since 1970.
        changes: Levels that changed, in an order in which bids never reach offers.
        trades: Matches that it consists of; none for a mere quote.
    """

    time: int
    listing: Listing
    changes: Sequence[Level]
    trades: Sequence[Trade]


class Market:
    """All products of the exchange and its clock."""

    def __init__(
        self,
        products: Sequence[Product],
        *,
        seed: int,
        start: int,
        rate: float,
        trade_share: float = 0.2,
        depth: int = 50,
        far_levels: int = 0,
        late_trades: Trigger | None = None,
    ) -> None:
        """Open the exchange.

        Args:
            products: What is traded.
            seed: The same seed gives the same events.
            start: Nanoseconds since 1970.
            rate: Events per second of the exchange, over all products, on average.
            trade_share: Of the events that are trades.
            depth: Levels that each side of a book has at most.
            far_levels: Levels that the first product has beyond those and that never change.
            late_trades: Which trades happened earlier than their trade_id says.
        """
        self._rng = random.Random(f"market {seed}")  # noqa: S311
        self._rate = rate
        self._trade_share = trade_share
        self._late = late_trades.countdown(f"late_trades {seed}") if late_trades else None
        self._start = start
        self.listings = {
            product.product_id: Listing(
                product, self._rng, opened=start, depth=depth, far_levels=0 if position else far_levels
            )
            for position, product in enumerate(products)
        }
        self._order = list(self.listings.values())
        self._latest = dict.fromkeys(self.listings, start)
        self.next_time = start + self._pause()

    def advance(self) -> MarketEvent:
        """Let the next thing happen, at `next_time`."""
        rng, time = self._rng, self.next_time
        self.next_time = time + self._pause()
        listing = self._order[int(rng.random() * len(self._order))]
        if rng.random() < self._trade_share:
            trades, changes = listing.match(rng, time - time % MICROSECOND)
            if self._late:
                trades = [self._maybe_late(trade, listing) for trade in trades]
            return MarketEvent(time, listing, changes, trades)
        product_id = listing.product.product_id
        elapsed = (time - self._latest[product_id]) / SECOND
        self._latest[product_id] = time
        return MarketEvent(time, listing, listing.quote(rng, elapsed), ())

    def _pause(self) -> int:
        return 1 + int(self._rng.expovariate(self._rate) * SECOND)

    def _maybe_late(self, trade: Trade, listing: Listing) -> Trade:
        if not (self._late and self._late.hit()):
            return trade
        time = max(self._start, trade.time - self._rng.randrange(LATEST))
        late = replace(trade, time=time - time % MICROSECOND)
        position = next(i for i, known in enumerate(listing.recent) if known.trade_id == trade.trade_id)
        listing.recent[position] = late
        return late
