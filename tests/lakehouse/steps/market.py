"""The market of a test: a simulated exchange heard without a socket, its frames written down as the recorder does."""

import json
from collections.abc import Iterable, Sequence

from lakehouse.recorder.envelope import Envelope
from lakehouse.recorder.frame import parsed
from lakehouse.recorder.sequence import SequenceTracker
from lakehouse.simulate.coinbase.config import Simulation
from lakehouse.simulate.coinbase.exchange import Exchange
from lakehouse.simulate.coinbase.ledger import Ledger
from lakehouse.simulate.coinbase.session import Session

CHANNELS = ("heartbeats", "level2", "market_trades", "ticker")


class Connection:
    """One connection: its lines, in the order in which they came."""

    def __init__(self, envelope: Envelope, number: int, products: Sequence[str], now: int) -> None:
        self.id = f"{number:032x}"
        self._envelope = envelope
        self._subscribed = {"products": list(products), "channels": list(CHANNELS)}
        self._sequence = SequenceTracker()
        self.lines = [
            envelope.event("connected", self.id, now, endpoint="wss://exchange.test", **self._subscribed)
        ]

    def receive(self, frame: str | bytes, now: int) -> bool:
        """Write a frame down; True where it shows a gap."""
        payload = frame if isinstance(frame, bytes) else frame.encode()
        number = parsed(payload).sequence_num
        expected = self._sequence.expected
        seen = None if number is None else self._sequence.observe(number)
        if seen == "gap":
            bounds = {"expected_sequence": expected, "received_sequence": number or 0}
            self.lines.append(self._envelope.event("gap", self.id, now, **bounds, **self._subscribed))
        self.lines.append(self._envelope.message(self.id, now, payload, is_duplicate=seen == "duplicate"))
        return seen == "gap"

    def end(self, reason: str, now: int) -> None:
        """The connection is over."""
        self.lines.append(self._envelope.event("disconnected", self.id, now, reason=reason))


def record(simulation: Simulation) -> list[bytes]:
    """The lines of a recorder that hears the simulated exchange from its first second to its last."""
    envelope = Envelope()
    lines: list[bytes] = []
    with Ledger(simulation) as ledger:
        exchange = Exchange(simulation, ledger)
        products = list(exchange.market.listings)
        while not exchange.over:
            lines += _hear(
                exchange, Connection(envelope, len(exchange.sessions) + len(lines), products, exchange.now)
            )
        exchange.end()
    return lines


def _hear(exchange: Exchange, connection: Connection) -> list[bytes]:
    """Until the connection ends or there is nothing more to come."""
    session = exchange.connect()
    for channel in CHANNELS:
        _ask(exchange, session, "subscribe", channel)
    while True:
        for frame in session.outbox:
            if connection.receive(frame, exchange.now) and session.ending is None:
                _ask(exchange, session, "unsubscribe", "level2")
                _ask(exchange, session, "subscribe", "level2")
        session.outbox = []
        if session.ending is not None or exchange.over:
            break
        exchange.advance()
    connection.end(str(session.ending or "the end"), exchange.now)
    return connection.lines


def _ask(exchange: Exchange, session: Session, kind: str, channel: str) -> None:
    exchange.answer(session, json.dumps({"type": kind, "channel": channel}))


def segment(lines: Iterable[bytes]) -> bytes:
    """Lines as a file."""
    return b"".join(lines)
