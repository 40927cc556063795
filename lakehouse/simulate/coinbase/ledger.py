"""The truth about a simulated run, as NDJSON that grows while it goes on.

Each line has `record`, which says what else it has. Instants are the exchange's, RFC 3339; prices and sizes are text as
in the feed.

| record | fields | meaning |
| --- | --- | --- |
| `run` | seed, start, products | first line |
| `trade` | product_id, trade_id, price, size, side, time | a match, whether or not anybody heard of it |
| `connection` | connection, time | a client is connected; connections count from 1 |
| `message` | connection, sequence_num, channel, fate | `sent`, `dropped`, `duplicated` (sent twice), `malformed` \
(cut off before its number) or `truncated` (cut off behind it) |
| `gap` | connection, last_before, next_after, time | sequence numbers between these two, which follow each other \
for the client, were dropped, malformed or truncated; last_before is -1 where nothing came before |
| `closed` | connection, time, reason, messages, heartbeats | sequence numbers given, heartbeats that arrived whole |
| `minute` | product_id, minute, best_bid, best_ask, trade_count, open, high, low, close, volume, is_whole | best \
prices at the end of the minute, bar of the trades whose time is in [minute, minute + 1); null prices without trades |
| `end` | time, trades, messages, gaps | last line: the ledger is complete |

Sent means handed to the connection. What a reset destroyed under way, or what a client that went away did not read, is
sent all the same; losses behind the last message that a connection could deliver are no gap, for nothing shows them.
`reason` is `client`, `disconnect`, `abort`, `silence` (its last word, though it stays open), `idle` (nothing was
subscribed in time) or `end`. A minute is whole unless the run began or ended within it.
"""

import json
from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import TracebackType
from typing import Any, Self, TextIO

from lakehouse.simulate.coinbase.bars import Bar
from lakehouse.simulate.coinbase.config import Simulation
from lakehouse.simulate.coinbase.listing import Listing, Trade
from lakehouse.simulate.coinbase.market import LATEST
from lakehouse.simulate.coinbase.products import Product, size_text
from lakehouse.simulate.coinbase.times import MINUTE, nanoseconds, rfc3339


class Fate(StrEnum):
    """What became of a message."""

    SENT = "sent"
    DROPPED = "dropped"
    DUPLICATED = "duplicated"
    MALFORMED = "malformed"
    TRUNCATED = "truncated"


ARRIVED = frozenset({Fate.SENT, Fate.DUPLICATED})
"""What a client can read."""


class Ledger:
    """Writes the truth down; without a file it only counts."""

    def __init__(self, simulation: Simulation) -> None:
        """Replace the ledger's file, if the simulation names one."""
        self._start = nanoseconds(simulation.start)
        self._file: TextIO | None = None
        if simulation.ledger:
            self._file = simulation.ledger.open("w", encoding="utf-8", newline="\n")
        self._heard: dict[int, int] = {}
        self._bars: dict[tuple[str, int], Bar] = {}
        self._ended: list[tuple[Product, int, int, int]] = []
        self.messages = self.trades = self.gaps = 0

    def run(self, simulation: Simulation, products: Iterable[str]) -> None:
        """Begin."""
        self._write("run", seed=simulation.seed, start=rfc3339(self._start), products=list(products))

    def trade(self, product: Product, trade: Trade) -> None:
        """Note a match."""
        self.trades += 1
        key = trade.product_id, trade.time - trade.time % MINUTE
        if bar := self._bars.get(key):
            bar.add(trade)
        else:
            self._bars[key] = Bar.of(trade)
        if self._file:
            self._file.write(
                f'{{"record":"trade","product_id":"{trade.product_id}","trade_id":"{trade.trade_id}",'
                f'"price":"{product.price_text(trade.price)}","size":"{size_text(trade.size)}",'
                f'"side":"{trade.side}","time":"{rfc3339(trade.time)}"}}\n'
            )

    def opened(self, connection: int, time: int) -> None:
        """Note a new connection."""
        self._heard[connection] = -1
        self._write("connection", connection=connection, time=rfc3339(time))

    def message(self, connection: int, sequence_num: int, channel: str, fate: Fate, time: int) -> None:
        """Note a message, and the gap before it if there is one."""
        self.messages += 1
        if fate in ARRIVED:
            before = self._heard[connection]
            self._heard[connection] = sequence_num
            if sequence_num != before + 1:
                self.gaps += 1
                self._write(
                    "gap",
                    connection=connection,
                    last_before=before,
                    next_after=sequence_num,
                    time=rfc3339(time),
                )
        if self._file:
            self._file.write(
                f'{{"record":"message","connection":{connection},"sequence_num":{sequence_num},'
                f'"channel":"{channel}","fate":"{fate.value}"}}\n'
            )

    def closed(self, connection: int, time: int, reason: str, messages: int, heartbeats: int) -> None:
        """Note the end of a connection."""
        self._write(
            "closed",
            connection=connection,
            time=rfc3339(time),
            reason=reason,
            messages=messages,
            heartbeats=heartbeats,
        )

    def minute(self, minute: int, listings: Mapping[str, Listing]) -> None:
        """Note the end of a minute; its bar is written when no late trade can change it any more."""
        for listing in listings.values():
            book = listing.book
            self._ended.append((listing.product, minute, book.best_bid, book.best_offer))
        self._settle(minute + MINUTE)

    def end(self, time: int, listings: Mapping[str, Listing]) -> None:
        """Write what is left: the minute under way, and that the ledger is complete."""
        if time % MINUTE:
            self.minute(time - time % MINUTE, listings)
        self._settle(time, everything=True)
        counts = {"trades": self.trades, "messages": self.messages, "gaps": self.gaps}
        self._write("end", time=rfc3339(time), **counts)

    def flush(self) -> None:
        """Let everything noted so far be in the file."""
        if self._file:
            self._file.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file:
            self._file.close()

    def _settle(self, now: int, *, everything: bool = False) -> None:
        kept = []
        for product, minute, best_bid, best_offer in self._ended:
            if not everything and minute + MINUTE + LATEST > now:
                kept.append((product, minute, best_bid, best_offer))
                continue
            self._write(
                "minute",
                product_id=product.product_id,
                minute=rfc3339(minute),
                best_bid=product.price_text(best_bid),
                best_ask=product.price_text(best_offer),
                **_bar(product, self._bars.pop((product.product_id, minute), None)),
                is_whole=self._start <= minute and minute + MINUTE <= now,
            )
        self._ended = kept

    def _write(self, record: str, **values: Any) -> None:
        if self._file:
            self._file.write(json.dumps({"record": record, **values}, separators=(",", ":")) + "\n")


def _bar(product: Product, bar: Bar | None) -> dict[str, Any]:
    prices = ("open", "high", "low", "close")
    return {
        "trade_count": bar.trade_count if bar else 0,
        **{name: product.price_text(getattr(bar, name)) if bar else None for name in prices},
        "volume": size_text(bar.volume if bar else 0),
    }
