"""Bars of one minute, straight from the trades that were made."""

from dataclasses import dataclass
from typing import Self

from lakehouse.simulate.coinbase.listing import Trade

Moment = tuple[int, int]
"""Time and trade_id: what orders trades."""


@dataclass(slots=True)
class Bar:
    """Prices in ticks, volume in lots, of at least one trade."""

    first: Moment
    final: Moment
    open: int
    high: int
    low: int
    close: int
    volume: int
    trade_count: int

    @classmethod
    def of(cls, trade: Trade) -> Self:
        moment, price = (trade.time, trade.trade_id), trade.price
        return cls(moment, moment, price, price, price, price, trade.size, 1)

    def add(self, trade: Trade) -> None:
        moment = (trade.time, trade.trade_id)
        if moment < self.first:
            self.first, self.open = moment, trade.price
        if moment > self.final:
            self.final, self.close = moment, trade.price
        self.high = max(self.high, trade.price)
        self.low = min(self.low, trade.price)
        self.volume += trade.size
        self.trade_count += 1
