"""Messages of the feed as text: JSON put together by hand, since a benchmark wants tens of thousands a second.

Channels and fields: https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis/websocket/websocket-channels.
Coinbase collects trades for 250 ms; here a message has the one to three trades of one order, so that books, trades and
tickers follow each other exactly.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from lakehouse.simulate.coinbase.book import Level
from lakehouse.simulate.coinbase.listing import Listing, Trade
from lakehouse.simulate.coinbase.products import Product, size_text
from lakehouse.simulate.coinbase.times import go_time, iso_with_offset, rfc3339

Kind = Literal["snapshot", "update"]
HeartbeatFormat = Literal["number", "text"]

LEVEL_BYTES = 100
"""A little less than one level takes within a snapshot."""


def envelope(channel: str, instant: str, sequence_num: int, events: str) -> str:
    """A whole message; `events` is the JSON of its events, `instant` when the server sends it."""
    return (
        f'{{"channel":"{channel}","client_id":"","timestamp":"{instant}","sequence_num":{sequence_num},'
        f'"events":[{events}]}}'
    )


def error(message: str, reason: str | None = None) -> str:
    """An error, which has neither channel nor sequence number."""
    fields = {"type": "error", "message": message} | ({"reason": reason} if reason else {})
    return json.dumps(fields, separators=(",", ":"))


def book_event(kind: Kind, product: Product, levels: Iterable[Level], time: int) -> str:
    """An event of `l2_data`: absolute quantities, zero for a level that is gone."""
    instant = rfc3339(time)
    updates = ",".join(
        [
            f'{{"side":"{side}","event_time":"{instant}","price_level":"{product.price_text(price)}",'
            f'"new_quantity":"{size_text(quantity)}"}}'
            for side, price, quantity in levels
        ]
    )
    return f'{{"type":"{kind}","product_id":"{product.product_id}","updates":[{updates}]}}'


def trades_event(kind: Kind, product: Product, trades: Iterable[Trade]) -> str:
    """An event of `market_trades`."""
    items = ",".join(
        [
            f'{{"trade_id":"{trade.trade_id}","product_id":"{trade.product_id}",'
            f'"price":"{product.price_text(trade.price)}","size":"{size_text(trade.size)}",'
            f'"side":"{trade.side}","time":"{rfc3339(trade.time)}"}}'
            for trade in trades
        ]
    )
    return f'{{"type":"{kind}","trades":[{items}]}}'


def ticker_event(kind: Kind, listings: Sequence[Listing]) -> str:
    """An event of `ticker`; its day began when the exchange opened."""
    return f'{{"type":"{kind}","tickers":[{",".join([_ticker(listing) for listing in listings])}]}}'


def _ticker(listing: Listing) -> str:
    product, book = listing.product, listing.book
    text = product.price_text
    low, high = text(listing.low), text(listing.high)
    change = 100 * (listing.last - product.price) / product.price
    return (
        f'{{"type":"ticker","product_id":"{product.product_id}","price":"{text(listing.last)}",'
        f'"volume_24_h":"{size_text(listing.volume)}","low_24_h":"{low}","high_24_h":"{high}",'
        f'"low_52_w":"{low}","high_52_w":"{high}","price_percent_chg_24_h":"{change:.8f}",'
        f'"best_bid":"{text(book.best_bid)}","best_bid_quantity":"{size_text(book.bids[book.best_bid])}",'
        f'"best_ask":"{text(book.best_offer)}","best_ask_quantity":"{size_text(book.offers[book.best_offer])}"}}'
    )


def heartbeat_event(counter: int, time: int, running: int, style: HeartbeatFormat) -> str:
    """An event of `heartbeats`: a number with the time as recorded, or text with the time as Go prints it."""
    if style == "number":
        return f'{{"current_time":"{iso_with_offset(time)}","heartbeat_counter":{counter}}}'
    return f'{{"current_time":"{go_time(time, running)}","heartbeat_counter":"{counter}"}}'


def subscriptions_event(subscribed: Mapping[str, Sequence[str]]) -> str:
    """What a connection is subscribed to, by channel."""
    return json.dumps({"subscriptions": subscribed}, separators=(",", ":"))
