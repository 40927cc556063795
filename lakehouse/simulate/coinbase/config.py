"""How an exchange is to be simulated."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from lakehouse.simulate.coinbase.faults import Faults
from lakehouse.simulate.coinbase.messages import HeartbeatFormat


@dataclass(frozen=True, kw_only=True)
class Simulation:
    """Everything that decides what the exchange says; the same values give the same bytes.

    That holds for one connection at a time which sends its requests before the market starts (`start_after`). With
    several connections the market is still the same, and who hears which part of it depends on when they subscribe.

    Attributes:
        seed: Of market and faults.
        products: How many the exchange lists.
        start: When the exchange opens, in its own time; with a zone.
        rate: Events of the market per second of its own time. A quote is one message of `level2`; a trade is one each
            of `level2`, `market_trades` and `ticker`.
        speed: Seconds of the exchange per second of the wall clock; 0 is as fast as the clients read.
        trade_share: Of the events that are trades, 0 to 1.
        depth: Levels that each side of a book has at most, at least 2.
        messages: Ends with the event at which this many sequence numbers were given, over all connections.
        minutes: Ends after so many minutes of the exchange.
        heartbeat_format: Whether heartbeats count in numbers or in text; each comes with its form of time.
        start_after: Requests to subscribe that a connection makes before the market moves for it.
        runs_unheard: Whether the market goes on while nobody listens, unless `speed` is 0. Else it stands still.
        enforce_limits: Whether the documented limits of 8 connections and 8 requests a second hold.
        subscribe_seconds: Of the wall clock, after which a connection without a subscription is closed.
        faults: What goes wrong.
        ledger: File for the truth, replaced; see `ledger`.
        host: Address to listen on.
        port: 0 is a free one.
    """

    seed: int = 1
    products: int = 3
    start: datetime = field(default_factory=lambda: datetime.now(UTC))
    rate: float = 100.0
    speed: float = 1.0
    trade_share: float = 0.2
    depth: int = 50
    messages: int | None = None
    minutes: float | None = None
    heartbeat_format: HeartbeatFormat = "number"
    start_after: int = 1
    runs_unheard: bool = False
    enforce_limits: bool = False
    subscribe_seconds: float = 5.0
    faults: Faults = field(default_factory=Faults)
    ledger: Path | None = None
    host: str = "127.0.0.1"
    port: int = 0

    def __post_init__(self) -> None:
        for name, least in (("products", 1), ("depth", 2), ("start_after", 1), ("speed", 0)):
            if getattr(self, name) < least:
                raise ValueError(f"{name} is {getattr(self, name)}: it must be at least {least}")
        if self.rate <= 0:
            raise ValueError(f"rate is {self.rate}: it must be positive; speed=0 is as fast as clients read")
        if not 0 <= self.trade_share <= 1:
            raise ValueError(f"trade_share is {self.trade_share}: it must be from 0 to 1")
        if self.start.tzinfo is None:
            raise ValueError(f"start is {self.start}: give it a zone, such as +00:00")
