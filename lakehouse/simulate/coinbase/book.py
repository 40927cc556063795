"""An order book: quantities by price, bids below offers."""

from collections.abc import Iterator
from typing import Literal

Side = Literal["bid", "offer"]
Level = tuple[Side, int, int]
"""Side, price in ticks, and the absolute quantity in lots that rests there; 0 means none."""


class Book:
    """Both sides of one product.

    `far` holds levels that nothing ever reaches: they make snapshots as large as those of busy products.
    """

    def __init__(self, levels: Iterator[Level], far: tuple[Level, ...] = ()) -> None:
        """Start with these levels, of which each side has at least one and no bid reaches an offer."""
        self.bids: dict[int, int] = {}
        self.offers: dict[int, int] = {}
        for side, price, quantity in levels:
            (self.bids if side == "bid" else self.offers)[price] = quantity
        self.best_bid = max(self.bids)
        self.best_offer = min(self.offers)
        self.far = far

    def set(self, side: Side, price: int, quantity: int) -> Level:
        """Let so much rest at a price and return the change; a side never gets empty, the caller sees to it."""
        levels = self.bids if side == "bid" else self.offers
        if quantity:
            levels[price] = quantity
        else:
            del levels[price]
        if side == "bid":
            if price >= self.best_bid:
                self.best_bid = price if quantity else max(levels)
        elif price <= self.best_offer:
            self.best_offer = price if quantity else min(levels)
        return side, price, quantity

    def levels(self) -> Iterator[Level]:
        """Every level, best first on each side."""
        for price in sorted(self.bids, reverse=True):
            yield "bid", price, self.bids[price]
        yield from (level for level in self.far if level[0] == "bid")
        for price in sorted(self.offers):
            yield "offer", price, self.offers[price]
        yield from (level for level in self.far if level[0] == "offer")
