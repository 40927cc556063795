"""What a client gets from a simulated exchange, with and without a socket between them."""

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from lakehouse.simulate.coinbase.config import Simulation
from lakehouse.simulate.coinbase.exchange import Exchange
from lakehouse.simulate.coinbase.faults import Faults
from lakehouse.simulate.coinbase.ledger import Ledger
from lakehouse.simulate.coinbase.server import simulated_exchange
from lakehouse.simulate.coinbase.session import Session

START = datetime(2026, 4, 7, 14, 30, tzinfo=UTC)
CHANNELS = ("heartbeats", "ticker", "level2", "market_trades")

Message = dict[str, Any]


def simulation(*faults: str, **values: Any) -> Simulation:
    """A short run, as fast as the client reads, that waits for all four channels."""
    defaults = {"start": START, "speed": 0.0, "rate": 50.0, "messages": 2_000, "start_after": len(CHANNELS)}
    return Simulation(**{**defaults, **values}, faults=Faults.parse(faults))


def subscribe(channel: str, products: Sequence[str] = (), kind: str = "subscribe") -> str:
    return json.dumps({"type": kind, "channel": channel, "product_ids": list(products)})


class Heard:
    """An exchange without a socket, one client of it, and every text that was sent to this client."""

    def __init__(self, simulation: Simulation, channels: Iterable[str] = CHANNELS) -> None:
        with Ledger(simulation) as ledger:
            self.exchange = Exchange(simulation, ledger)
            self.texts: list[str] = []
            self.session = self.join(channels)
            while not self.exchange.over and self.exchange.moves:
                self.exchange.advance()
                self._take(self.session)
            self.exchange.end()

    def join(self, channels: Iterable[str]) -> Session:
        session = self.exchange.connect()
        for channel in channels:
            self.exchange.answer(session, subscribe(channel))
            self._take(session)
        return session

    @property
    def messages(self) -> list[Message]:
        return [json.loads(text) for text in self.texts]

    def _take(self, session: Session) -> None:
        self.texts += session.outbox
        session.outbox.clear()


async def listen(connection: ClientConnection, channels: Iterable[str] = CHANNELS) -> list[str]:
    """Subscribe to all products and take everything until the connection ends, however it does."""
    texts = []
    try:
        for channel in channels:
            await connection.send(subscribe(channel))
        while True:
            texts.append(str(await connection.recv()))
    except ConnectionClosed:
        return texts


def listen_to(simulation: Simulation, channels: Iterable[str] = CHANNELS) -> tuple[list[str], int | None]:
    """Everything that one client hears of an exchange, and the code with which the connection ended."""

    async def run() -> tuple[list[str], int | None]:
        async with simulated_exchange(simulation) as url, connect(url, max_size=None) as connection:
            return await listen(connection, channels), connection.close_code

    return asyncio.run(run())


def of_channel(messages: Iterable[Message], channel: str) -> list[Message]:
    return [message for message in messages if message["channel"] == channel]


def trades_in(messages: Iterable[Message]) -> list[Message]:
    """Trades in the order in which they arrive, snapshots included."""
    return [
        trade
        for message in of_channel(messages, "market_trades")
        for event in message["events"]
        for trade in event["trades"]
    ]


Side = dict[Decimal, Decimal]
Books = dict[str, tuple[Side, Side]]


def apply_book_event(books: Books, event: Mapping[str, Any]) -> None:
    """Bids and offers of the product as the feed's documentation says to keep them."""
    if event["type"] == "snapshot":
        books[event["product_id"]] = ({}, {})
    bids, offers = books[event["product_id"]]
    for update in event["updates"]:
        side = {"bid": bids, "offer": offers}[update["side"]]
        price, quantity = Decimal(update["price_level"]), Decimal(update["new_quantity"])
        if quantity:
            side[price] = quantity
        else:
            side.pop(price, None)
