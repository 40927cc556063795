"""The market makes sense after every event, whatever the seed."""

from decimal import Decimal
from itertools import islice

from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.simulate.coinbase.faults import Trigger
from lakehouse.simulate.coinbase.market import LATEST, Market, MarketEvent
from lakehouse.simulate.coinbase.products import LISTED, Product, list_products, size_text
from lakehouse.simulate.coinbase.times import nanoseconds
from tests.lakehouse.simulate.coinbase.feed import START

OPENED = nanoseconds(START)


def market(seed: int = 1, *, depth: int = 10, late: float = 0.0, trade_share: float = 0.3) -> Market:
    return Market(
        list_products(3),
        seed=seed,
        start=OPENED,
        rate=5,
        depth=depth,
        trade_share=trade_share,
        late_trades=Trigger(share=late),
    )


def told(event: MarketEvent) -> tuple[object, ...]:
    return event.time, event.listing.product.product_id, tuple(event.changes), tuple(event.trades)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    depth=st.integers(2, 30),
    trade_share=st.sampled_from([0.0, 0.1, 0.5, 0.95, 1]),
)
def test_bids_stay_below_offers_and_books_follow_from_their_changes(
    seed: int, depth: int, trade_share: float
) -> None:
    exchange = market(seed, depth=depth, trade_share=trade_share)
    copies = {
        product_id: (dict(listing.book.bids), dict(listing.book.offers))
        for product_id, listing in exchange.listings.items()
    }
    for _ in range(300):
        event = exchange.advance()
        bids, offers = copies[event.listing.product.product_id]
        for side, price, quantity in event.changes:
            levels = bids if side == "bid" else offers
            if quantity:
                levels[price] = quantity
            else:
                del levels[price]
            assert not (bids and offers) or max(bids) < min(offers)
        book = event.listing.book
        assert (bids, offers) == (book.bids, book.offers)
        assert (max(bids), min(offers)) == (book.best_bid, book.best_offer)
        assert len(bids) <= depth
        assert len(offers) <= depth
        assert min(bids) > 0
        assert min(*bids.values(), *offers.values()) > 0


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_trades_take_what_rests_at_the_touch(seed: int) -> None:
    exchange = market(seed)
    for _ in range(300):
        before = {
            product_id: (
                listing.book.best_bid,
                listing.book.best_offer,
                listing.book.bids | listing.book.offers,
            )
            for product_id, listing in exchange.listings.items()
        }
        event = exchange.advance()
        if not event.trades:
            continue
        bid, offer, resting = before[event.listing.product.product_id]
        (price,) = {trade.price for trade in event.trades}
        assert {trade.side for trade in event.trades} == ({"BUY"} if price == bid else {"SELL"})
        assert price in {bid, offer}
        assert min(trade.size for trade in event.trades) > 0
        levels = event.listing.book.bids if price == bid else event.listing.book.offers
        assert sum(trade.size for trade in event.trades) == resting[price] - levels.get(price, 0)


def test_trade_ids_are_consecutive_for_each_product_and_time_goes_forward() -> None:
    exchange = market()
    events = [exchange.advance() for _ in range(3_000)]

    for product_id in exchange.listings:
        ids = [trade.trade_id for e in events for trade in e.trades if trade.product_id == product_id]
        assert len(ids) > 200
        assert ids == list(range(ids[0], ids[0] + len(ids)))
    times = [event.time for event in events]
    assert times == sorted(times)
    # 5 events a second: 3,000 take about 600 s, with a standard deviation of 11 s.
    assert abs((times[-1] - OPENED) / 1e9 - 600) < 60


def test_the_seed_decides_everything() -> None:
    first, same, other = (market(seed) for seed in (7, 7, 8))

    events = [[told(m.advance()) for _ in range(500)] for m in (first, same, other)]

    assert events[0] == events[1]
    assert events[0] != events[2]


def test_late_trades_keep_their_ids_and_are_at_most_two_seconds_late() -> None:
    exchange = market(late=0.5)
    trades = [
        (event.time, trade) for event in (exchange.advance() for _ in range(2_000)) for trade in event.trades
    ]

    late = [trade for time, trade in trades if trade.time < time - time % 1_000]

    assert 0.4 < len(late) / len(trades) < 0.6
    assert all(trade.time >= OPENED and time - trade.time <= LATEST + 1_000 for time, trade in trades)
    for product_id, listing in exchange.listings.items():
        made = [trade for _, trade in trades if trade.product_id == product_id]
        times = [trade.time for trade in made]
        assert times != sorted(times)
        assert [trade.trade_id for trade in made] == list(range(made[0].trade_id, made[-1].trade_id + 1))
        assert list(listing.recent) == made[-len(listing.recent) :]


def test_prices_and_sizes_are_written_with_all_their_digits() -> None:
    assert Product("BTC-USD", 68_900_00, 2).price_text(6_890_050) == "68900.50"
    assert Product("DOGE-USD", 17_250, 5).price_text(7) == "0.00007"
    assert size_text(150_000) == "0.00150000"
    assert size_text(12 * 10**8 + 1) == "12.00000001"


def test_products_are_distinct_however_many() -> None:
    products = list_products(len(LISTED) + 100)
    assert len({product.product_id for product in products}) == len(LISTED) + 100
    assert [product.product_id for product in islice(products, 2)] == ["BTC-USD", "ETH-USD"]
    assert all(Decimal(product.price_text(product.price)) > 0 for product in products)
