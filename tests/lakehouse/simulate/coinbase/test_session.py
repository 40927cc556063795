"""What one client hears, without a socket in between."""

import json
from decimal import Decimal

import pytest

from lakehouse.simulate.coinbase.exchange import Exchange
from lakehouse.simulate.coinbase.ledger import Ledger
from lakehouse.simulate.coinbase.times import nanoseconds, rfc3339
from tests.lakehouse.simulate.coinbase.feed import (
    START,
    Books,
    Heard,
    apply_book_event,
    of_channel,
    simulation,
    subscribe,
    trades_in,
)


def test_sequence_numbers_count_every_message_of_all_channels() -> None:
    messages = Heard(simulation()).messages
    # The event that reaches the limit may be a trade, of three messages.
    assert 2_000 <= len(messages) <= 2_002
    assert [message["sequence_num"] for message in messages] == list(range(len(messages)))
    assert {message["channel"] for message in messages} == {
        "subscriptions",
        "heartbeats",
        "ticker",
        "l2_data",
        "market_trades",
    }


def test_the_book_replayed_from_the_feed_is_that_of_the_exchange() -> None:
    heard = Heard(simulation())
    books: Books = {}
    for message in of_channel(heard.messages, "l2_data"):
        for event in message["events"]:
            apply_book_event(books, event)
            bids, offers = books[event["product_id"]]
            assert max(bids) < min(offers)

    assert set(books) == {"BTC-USD", "ETH-USD", "SOL-USD"}
    for product_id, (bids, offers) in books.items():
        book = heard.exchange.market.listings[product_id].book
        assert bids == {
            Decimal(price).scaleb(-2): Decimal(size).scaleb(-8) for price, size in book.bids.items()
        }
        assert offers == {
            Decimal(price).scaleb(-2): Decimal(size).scaleb(-8) for price, size in book.offers.items()
        }


def test_a_ticker_tells_the_trade_and_the_best_prices_behind_it() -> None:
    books: Books = {}
    last: dict[str, str] = {}
    told = 0
    for message in Heard(simulation()).messages:
        (event,) = message["events"]
        if message["channel"] == "l2_data":
            apply_book_event(books, event)
        elif message["channel"] == "market_trades" and event["trades"]:
            last[event["trades"][-1]["product_id"]] = event["trades"][-1]["price"]
        elif message["channel"] == "ticker" and event["type"] == "update":
            (ticker,) = event["tickers"]
            bids, offers = books[ticker["product_id"]]
            assert ticker["price"] == last[ticker["product_id"]]
            assert Decimal(ticker["best_bid"]) == max(bids)
            assert Decimal(ticker["best_bid_quantity"]) == bids[max(bids)]
            assert Decimal(ticker["best_ask"]) == min(offers)
            assert Decimal(ticker["best_ask_quantity"]) == offers[min(offers)]
            told += 1
    assert told > 100


def test_heartbeats_come_every_second_of_the_exchange_with_a_counter() -> None:
    beats = [message["events"][0] for message in of_channel(Heard(simulation()).messages, "heartbeats")]
    assert len(beats) > 10
    assert [beat["heartbeat_counter"] for beat in beats] == list(range(1, len(beats) + 1))
    assert beats[9]["current_time"] == "2026-04-07 14:30:10.000000000+00:00"


def test_a_snapshot_comes_before_the_subscriptions_and_repeats_recent_trades_newest_first() -> None:
    exchange = Exchange(simulation(messages=None), Ledger(simulation()))
    first = exchange.connect()
    for channel in ("heartbeats", "ticker", "level2", "market_trades"):
        exchange.answer(first, subscribe(channel))
    while len(trades_in(map(json.loads, first.outbox))) < 100:
        exchange.advance()
    made = [t for t in trades_in(map(json.loads, first.outbox)) if t["product_id"] == "BTC-USD"]

    second = exchange.connect()
    exchange.answer(second, subscribe("market_trades", ["BTC-USD"]))
    snapshot, subscriptions = map(json.loads, second.outbox)

    assert (snapshot["channel"], snapshot["sequence_num"]) == ("market_trades", 0)
    assert snapshot["events"] == [{"type": "snapshot", "trades": made[::-1][:50]}]
    assert (subscriptions["channel"], subscriptions["sequence_num"]) == ("subscriptions", 1)


def test_unsubscribing_silences_a_product_or_without_products_the_channel() -> None:
    exchange = Exchange(simulation(start_after=2), Ledger(simulation()))
    session = exchange.connect()
    for channel in ("level2", "heartbeats"):
        exchange.answer(session, subscribe(channel))

    exchange.answer(session, subscribe("level2", ["ETH-USD"], kind="unsubscribe"))
    left = json.loads(session.outbox[-1])["events"][0]["subscriptions"]
    session.outbox.clear()
    for _ in range(200):
        exchange.advance()
    heard = [json.loads(text) for text in session.outbox]
    exchange.answer(session, subscribe("level2", kind="unsubscribe"))

    assert left == {"level2": ["BTC-USD", "SOL-USD"], "heartbeats": ["heartbeats"]}
    assert {m["events"][0]["product_id"] for m in of_channel(heard, "l2_data")} == {"BTC-USD", "SOL-USD"}
    assert json.loads(session.outbox[-1])["events"] == [{"subscriptions": {"heartbeats": ["heartbeats"]}}]


def test_subscribing_again_brings_a_fresh_snapshot() -> None:
    exchange = Exchange(simulation(start_after=1), Ledger(simulation()))
    session = exchange.connect()
    exchange.answer(session, subscribe("level2", ["BTC-USD"]))
    for _ in range(50):
        exchange.advance()
    session.outbox.clear()

    exchange.answer(session, subscribe("level2", ["BTC-USD"]))

    snapshot = json.loads(session.outbox[0])
    book = exchange.market.listings["BTC-USD"].book
    assert snapshot["events"][0]["type"] == "snapshot"
    assert len(snapshot["events"][0]["updates"]) == len(book.bids) + len(book.offers)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("{", {"message": "malformed request"}),
        ("[1]", {"message": "subscribe or unsubscribe required"}),
        ('{"type":"hello"}', {"message": "subscribe or unsubscribe required"}),
        (subscribe("level3"), {"message": "Failed to subscribe", "reason": "level3 is not a valid channel"}),
        (
            subscribe("ticker", ["BTC-USD", "GIBBERISH-USD"]),
            {"message": "Failed to subscribe", "reason": "GIBBERISH-USD is not a valid product"},
        ),
        (
            subscribe("user", kind="unsubscribe"),
            {"message": "Failed to unsubscribe", "reason": "user is not a valid channel"},
        ),
    ],
)
def test_what_does_not_exist_is_an_error_without_a_sequence_number(text: str, error: dict[str, str]) -> None:
    exchange = Exchange(simulation(start_after=1), Ledger(simulation()))
    session = exchange.connect()

    exchange.answer(session, text)
    exchange.answer(session, subscribe("heartbeats"))

    assert json.loads(session.outbox[0]) == {"type": "error"} | error
    assert json.loads(session.outbox[1])["sequence_num"] == 0


def test_the_market_stands_still_while_nobody_listens() -> None:
    exchange = Exchange(simulation(start_after=2), Ledger(simulation()))
    assert not exchange.moves
    session = exchange.connect()
    exchange.answer(session, subscribe("ticker"))
    assert not exchange.moves
    exchange.answer(session, subscribe("level2"))
    assert exchange.moves


def test_an_instant_has_up_to_nine_digits_and_no_zeros_at_their_end() -> None:
    second = 1_775_572_200
    assert rfc3339(second * 10**9) == "2026-04-07T14:30:00Z"
    assert rfc3339(second * 10**9 + 123_456_000) == "2026-04-07T14:30:00.123456Z"
    assert rfc3339(second * 10**9 + 7) == "2026-04-07T14:30:00.000000007Z"
    assert nanoseconds(START) == second * 10**9
