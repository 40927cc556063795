"""One connection: what it is subscribed to, its sequence numbers, and what goes wrong with its messages."""

from collections.abc import Mapping
from enum import StrEnum

from lakehouse.simulate.coinbase import messages
from lakehouse.simulate.coinbase.config import Simulation
from lakehouse.simulate.coinbase.faults import Countdown, Faults
from lakehouse.simulate.coinbase.ledger import ARRIVED, Fate, Ledger
from lakehouse.simulate.coinbase.listing import Listing
from lakehouse.simulate.coinbase.request import CHANNELS, Request, RequestRefusedError
from lakehouse.simulate.coinbase.times import SECOND, rfc3339


class Ending(StrEnum):
    """Why a connection has had its last message."""

    CLIENT = "client"
    DISCONNECT = "disconnect"
    ABORT = "abort"
    SILENCE = "silence"
    IDLE = "idle"
    END = "end"


class Switches:
    """Countdowns of the faults of messages and requests, shared by all connections of a run."""

    def __init__(self, faults: Faults, seed: int) -> None:
        def countdown(name: str) -> Countdown:
            found: Countdown = getattr(faults, name).countdown(f"{name} {seed}")
            return found

        self.drop = countdown("drop")
        self.duplicate = countdown("duplicate")
        self.malform = countdown("malform")
        self.truncate = countdown("truncate")
        self.delay = countdown("delay")
        self.refuse = countdown("refuse")
        self.endings = {ending: countdown(ending.value) for ending in FAULTY_ENDINGS}


FAULTY_ENDINGS = (Ending.DISCONNECT, Ending.ABORT, Ending.SILENCE)


class Session:
    """A connection without its socket: texts to send gather in `outbox`.

    Attributes:
        number: From 1, in the order of connecting.
        subscribed: Product ids by channel.
        requests: To subscribe, refused ones included.
        outbox: Texts to send, in order.
        held_up: Whether the link is to be held up before the outbox goes out.
        ending: Set when the connection has had its last message; further ones are not meant for it.
    """

    def __init__(self, number: int, simulation: Simulation, ledger: Ledger, switches: Switches) -> None:
        self.number = number
        self.subscribed: dict[str, dict[str, None]] = {channel: {} for channel in CHANNELS}
        self.requests = 0
        self.outbox: list[str] = []
        self.held_up = False
        self.ending: Ending | None = None
        self.sequence_num = 0
        self.heartbeats = 0
        self._simulation = simulation
        self._ledger = ledger
        self._switches = switches
        self._skew = int(simulation.faults.skew_seconds * SECOND)

    @property
    def listening(self) -> bool:
        """Whether the market moves for it."""
        return self.ending is None and self.requests >= self._simulation.start_after

    def hears(self, channel: str, product_id: str) -> bool:
        """Whether it is subscribed to this and not ended."""
        return self.ending is None and product_id in self.subscribed[channel]

    def emit(self, channel: str, time: int, events: str) -> None:
        """Give the next sequence number to a message and let the faults have their way with it."""
        if self.ending:
            return
        sequence_num, self.sequence_num = self.sequence_num, self.sequence_num + 1
        text = messages.envelope(channel, rfc3339(time + self._skew), sequence_num, events)
        switches = self._switches
        if switches.drop.hit():
            fate = Fate.DROPPED
        elif switches.malform.hit():
            fate = Fate.MALFORMED
            self.outbox.append(text[: text.index('"sequence_num"')])
        elif switches.truncate.hit():
            fate = Fate.TRUNCATED
            self.outbox.append(text[: (text.index('"events"') + len(text)) // 2])
        elif switches.duplicate.hit():
            fate = Fate.DUPLICATED
            self.outbox += (text, text)
        else:
            fate = Fate.SENT
            self.outbox.append(text)
        if channel == "heartbeats" and fate in ARRIVED:
            self.heartbeats += 1
        self._ledger.message(self.number, sequence_num, channel, fate, time)
        if switches.delay.hit():
            self.held_up = True
        for ending, countdown in switches.endings.items():
            if countdown.hit() and not self.ending:
                self.ending = ending

    def fail(self, message: str, reason: str | None = None) -> None:
        """Send an error."""
        self.outbox.append(messages.error(message, reason))

    def answer(self, request: Request, listings: Mapping[str, Listing], time: int) -> None:
        """Subscribe or unsubscribe: a snapshot of each product comes first, then what is subscribed.

        That order is the one that public recordings of the feed have:
        https://forums.coinbasecloud.dev/t/websockets-authenticating-user-and-subscribing-to-user-channel/1989

        Raises:
            RequestRefusedError: By the fault `refuse`.
        """
        if request.subscribe:
            self.requests += 1
            if self._switches.refuse.hit():
                raise RequestRefusedError("authentication failure")
            self.subscribed[request.channel].update(dict.fromkeys(request.product_ids))
            self._send_snapshots(request, listings, time)
        else:
            for product_id in request.product_ids:
                self.subscribed[request.channel].pop(product_id, None)
        subscribed = {channel: list(products) for channel, products in self.subscribed.items() if products}
        self.emit("subscriptions", time, messages.subscriptions_event(subscribed))

    def _send_snapshots(self, request: Request, listings: Mapping[str, Listing], time: int) -> None:
        asked = [listings[product_id] for product_id in request.product_ids if product_id in listings]
        if request.channel == "level2":
            for listing in asked:
                event = messages.book_event("snapshot", listing.product, listing.book.levels(), time)
                self.emit("l2_data", time, event)
        elif request.channel == "market_trades":
            for listing in asked:
                event = messages.trades_event("snapshot", listing.product, reversed(listing.recent))
                self.emit("market_trades", time, event)
        elif request.channel == "ticker":
            self.emit("ticker", time, messages.ticker_event("snapshot", asked))
