"""The exchange: its market, its clock, and the connections that hear of it. No sockets and no waiting here."""

import math

from lakehouse.simulate.coinbase import messages
from lakehouse.simulate.coinbase.config import Simulation
from lakehouse.simulate.coinbase.ledger import Ledger
from lakehouse.simulate.coinbase.market import Market, MarketEvent
from lakehouse.simulate.coinbase.products import list_products
from lakehouse.simulate.coinbase.request import RequestRefusedError, parse_request
from lakehouse.simulate.coinbase.session import FAULTY_ENDINGS, Ending, Session, Switches
from lakehouse.simulate.coinbase.times import MINUTE, SECOND, nanoseconds


class Exchange:
    """Moves from one instant to the next and tells every session what it is subscribed to.

    Attributes:
        now: Instant of what happened last.
        sessions: Those that may still hear something.
    """

    def __init__(self, simulation: Simulation, ledger: Ledger) -> None:
        faults = simulation.faults
        self.simulation = simulation
        self.ledger = ledger
        self.start = self.now = nanoseconds(simulation.start)
        self.market = Market(
            list_products(simulation.products),
            seed=simulation.seed,
            start=self.start,
            rate=simulation.rate,
            trade_share=simulation.trade_share,
            depth=simulation.depth,
            far_levels=math.ceil(faults.snapshot_megabytes * 1e6 / messages.LEVEL_BYTES),
            late_trades=faults.late_trade,
        )
        self.sessions: list[Session] = []
        self._switches = Switches(faults, simulation.seed)
        self._connections = 0
        self._next_second = self.start - self.start % SECOND + SECOND
        self._last = None if simulation.minutes is None else self.start + round(simulation.minutes * MINUTE)
        self._unheard_until = self.start
        ledger.run(simulation, self.market.listings)

    @property
    def over(self) -> bool:
        """Whether there is nothing more to come."""
        limit = self.simulation.messages
        return (self._last is not None and self.next_time > self._last) or (
            limit is not None and self.ledger.messages >= limit
        )

    @property
    def next_time(self) -> int:
        """When the next thing happens."""
        return min(self._next_second, self.market.next_time)

    @property
    def moves(self) -> bool:
        """Whether somebody listens, or the market goes on after a faulty disconnection."""
        return any(session.listening for session in self.sessions) or self.next_time < self._unheard_until

    def connect(self) -> Session:
        """Let somebody in."""
        self._connections += 1
        session = Session(self._connections, self.simulation, self.ledger, self._switches)
        self.sessions.append(session)
        self.ledger.opened(session.number, self.now)
        return session

    def leave(self, session: Session, ending: Ending) -> None:
        """End a session, unless it has ended before."""
        if session in self.sessions:
            session.ending = ending
            self._bury(session, ending)

    def answer(self, session: Session, text: str | bytes) -> None:
        """Do what a client asks."""
        try:
            session.answer(parse_request(text, self.market.listings), self.market.listings, self.now)
        except RequestRefusedError as refused:
            session.fail(refused.message, refused.reason)
        self._bury_ended()

    def advance(self) -> None:
        """Let the next thing happen: a second passes, or the market moves."""
        if self._next_second <= self.market.next_time:
            self._pass_second()
        else:
            event = self.market.advance()
            self.now = event.time
            self._tell(event)
        self._bury_ended()

    def end(self) -> None:
        """Complete the ledger; whoever is still connected has heard the last of it."""
        if self._last is not None and self.next_time > self._last:
            self.now = self._last
        for session in tuple(self.sessions):
            self.leave(session, Ending.END)
        self.ledger.end(self.now, self.market.listings)

    def _pass_second(self) -> None:
        self.now, self._next_second = self._next_second, self._next_second + SECOND
        if not self.now % MINUTE:
            self.ledger.minute(self.now - MINUTE, self.market.listings)
        counter = (self.now - self.start) // SECOND
        clock = self.now + int(self.simulation.faults.skew_seconds * SECOND)
        event = messages.heartbeat_event(counter, clock, clock - self.start, self.simulation.heartbeat_format)
        for session in self.sessions:
            if session.hears("heartbeats", "heartbeats"):
                session.emit("heartbeats", self.now, event)

    def _tell(self, event: MarketEvent) -> None:
        listing, time = event.listing, event.time
        product = listing.product
        for trade in event.trades:
            self.ledger.trade(product, trade)
        told: dict[str, str] = {}
        for session in self.sessions:
            if event.trades and session.hears("market_trades", product.product_id):
                if "market_trades" not in told:
                    told["market_trades"] = messages.trades_event("update", product, event.trades)
                session.emit("market_trades", time, told["market_trades"])
            if session.hears("level2", product.product_id):
                if "level2" not in told:
                    told["level2"] = messages.book_event("update", product, event.changes, time)
                session.emit("l2_data", time, told["level2"])
            if event.trades and session.hears("ticker", product.product_id):
                if "ticker" not in told:
                    told["ticker"] = messages.ticker_event("update", (listing,))
                session.emit("ticker", time, told["ticker"])

    def _bury_ended(self) -> None:
        for session in self.sessions:
            if session.ending:
                self._bury(session, session.ending)

    def _bury(self, session: Session, ending: Ending) -> None:
        # A new list: whoever walks over the sessions at the moment keeps the old one.
        self.sessions = [other for other in self.sessions if other is not session]
        if ending in FAULTY_ENDINGS:
            outage = int(self.simulation.faults.outage_seconds * SECOND)
            self._unheard_until = max(self._unheard_until, self.now + outage)
        self.ledger.closed(session.number, self.now, ending, session.sequence_num, session.heartbeats)
