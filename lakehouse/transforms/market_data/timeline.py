"""When what was received happened: each product's trades by UTC date, and each connection from begin to end.

Moments are microseconds since 1970 UTC by the exchange's clock, days are days since 1970.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

DAY = 86_400_000_000

ANYTHING, TRADES = "anything", "trades"

type Topic = tuple[str, str]
"""A product, and what a connection may tell of it: ANYTHING or TRADES."""
type Span = tuple[int, int]
"""Two moments, the earlier first."""


@dataclass(frozen=True, slots=True)
class TradingDay:
    """A product's trades of a day."""

    first_id: int
    last_id: int
    opened: int
    """When the trade of the first id was."""
    closed: int
    """When the trade of the last id was."""
    begins: int
    ends: int


@dataclass(frozen=True, slots=True)
class Connection:
    """What a connection brought."""

    products: frozenset[str]
    """That it was subscribed to."""
    heard: Span | None
    """From its first numbered message to its last."""
    extent: Span
    """The same, with what it brought of books."""
    received: tuple[int, int]
    """First and last day on which something was received of it, by the recorder's clock."""
    has_trades: bool = True
    """Whether it was subscribed to trades."""

    @property
    def topics(self) -> set[Topic]:
        """What it tells of: flags of trades hang on the connections that tell of trades, all others on each."""
        kinds = (ANYTHING, TRADES) if self.has_trades else (ANYTHING,)
        return {(product, kind) for product in self.products for kind in kinds}


@dataclass(frozen=True)
class Timeline:
    """What is known at some version of the tables."""

    trades: Mapping[str, Mapping[int, TradingDay]]
    """Product → day → its trades."""
    connections: Mapping[str, Connection]

    @cached_property
    def heard(self) -> Mapping[Topic, list[Span]]:
        """Spans in which connections that tell of something brought messages."""
        found: dict[Topic, list[Span]] = defaultdict(list)
        for connection in self.connections.values():
            if connection.heard:
                for topic in connection.topics:
                    found[topic].append(connection.heard)
        return found

    @property
    def products(self) -> set[str]:
        return {*self.trades, *(product for product, _ in self.heard)}

    @property
    def is_in_order(self) -> bool:
        """Whether the ids of a product's trades rise from day to day, so that a hole lies between neighbouring days."""
        return all(
            days[day].last_id < days[later].first_id
            for days in self.trades.values()
            for day, later in pairwise(sorted(days))
        )

    def of_product(self, product: str) -> list[int]:
        """The moments between which everything lies that is known of a product."""
        traded = self.trades.get(product, {}).values()
        spans = [(day.begins, day.ends) for day in traded] + [*self.heard.get((product, ANYTHING), ())]
        return [moment for span in spans for moment in span]
