"""The ledger against numbers worked out by hand, and against what the messages say."""

from collections import defaultdict
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Literal

from lakehouse.simulate.coinbase.ledger import Fate, Ledger
from lakehouse.simulate.coinbase.listing import Trade
from lakehouse.simulate.coinbase.market import Market
from lakehouse.simulate.coinbase.products import LISTED, list_products
from lakehouse.simulate.coinbase.times import MINUTE, SECOND, nanoseconds
from lakehouse.simulate.coinbase.truth import read_truth
from tests.lakehouse.simulate.coinbase.feed import (
    START,
    Books,
    Heard,
    apply_book_event,
    simulation,
    trades_in,
)

OPENED = nanoseconds(START)


def trade(number: int, price: int, size: int, at: float, side: Literal["BUY", "SELL"] = "BUY") -> Trade:
    return Trade("BTC-USD", number, price, size, side, OPENED + round(at * 1e6) * 1_000)


def test_bars_worked_out_by_hand(tmp_path: Path) -> None:
    path = tmp_path / "ledger.ndjson"
    market = Market(list_products(1), seed=1, start=OPENED, rate=1)
    with Ledger(simulation(ledger=path)) as ledger:
        for made in (
            trade(101, 6_890_000, 100_000_000, 10),
            trade(102, 6_890_150, 50_000_000, 10),
            trade(103, 6_889_900, 1, 59.999999),
        ):
            ledger.trade(LISTED[0], made)
        ledger.minute(OPENED, market.listings)
        ledger.trade(LISTED[0], trade(104, 6_880_000, 2, 60))
        # Later by its number, earlier in time: of the first minute, and neither its first nor its last trade.
        ledger.trade(LISTED[0], trade(105, 6_900_000, 3, 59.5))
        # At the same instant the lower trade_id comes first.
        ledger.trade(LISTED[0], trade(100, 6_891_000, 4, 10))
        ledger.end(OPENED + MINUTE + 10 * SECOND, market.listings)

    first, second = read_truth(path).minutes

    best = {"best_bid": first["best_bid"], "best_ask": first["best_ask"]}
    assert first == best | {
        "product_id": "BTC-USD",
        "minute": "2026-04-07T14:30:00Z",
        "trade_count": 5,
        "open": "68910.00",
        "high": "69000.00",
        "low": "68899.00",
        "close": "68899.00",
        "volume": "1.50000008",
        "is_whole": True,
    }
    assert second == best | {
        "product_id": "BTC-USD",
        "minute": "2026-04-07T14:31:00Z",
        "trade_count": 1,
        "open": "68800.00",
        "high": "68800.00",
        "low": "68800.00",
        "close": "68800.00",
        "volume": "0.00000002",
        "is_whole": False,
    }


def test_gaps_worked_out_by_hand(tmp_path: Path) -> None:
    path = tmp_path / "ledger.ndjson"
    with Ledger(simulation(ledger=path)) as ledger:
        for connection in (1, 2):
            ledger.opened(connection, OPENED)
        fates = [Fate.SENT, Fate.DROPPED, Fate.MALFORMED, Fate.DUPLICATED, Fate.SENT, Fate.DROPPED]
        for number, fate in enumerate(fates):
            ledger.message(1, number, "ticker", fate, OPENED + number * SECOND)
            ledger.message(2, number, "ticker", Fate.SENT, OPENED)

    truth = read_truth(path)

    # The last one is behind everything that arrives, so that no client can see it missing.
    assert truth.gaps == [
        {"connection": 1, "last_before": 0, "next_after": 3, "time": "2026-04-07T14:30:03Z"},
    ]
    assert not truth.is_complete


def test_trades_bars_and_best_prices_follow_from_the_messages_of_a_run_without_loss(tmp_path: Path) -> None:
    path = tmp_path / "ledger.ndjson"
    # 17 seconds into a minute, so that the first and the last minute are no whole ones.
    start = datetime(2026, 4, 7, 14, 30, 17, tzinfo=UTC)
    faults = ("late_trade=0.2",)
    heard = Heard(simulation(*faults, ledger=path, start=start, messages=None, minutes=3, rate=20))
    truth = read_truth(path)

    told = trades_in(heard.messages)
    assert sorted(told, key=lambda t: (t["product_id"], t["trade_id"])) == sorted(
        truth.trades, key=lambda t: (t["product_id"], t["trade_id"])
    )
    minutes = {(row["product_id"], row["minute"]): row for row in truth.minutes}
    assert len(minutes) == len(truth.minutes) == 3 * 4
    assert sorted({row["minute"] for row in truth.minutes if row["is_whole"]}) == [
        "2026-04-07T14:31:00Z",
        "2026-04-07T14:32:00Z",
    ]
    by_minute = defaultdict(list)
    for made in told:
        by_minute[made["product_id"], f"{made['time'][:16]}:00Z"].append(made)
    for key, row in minutes.items():
        ordered = sorted(
            by_minute.pop(key), key=lambda t: (datetime.fromisoformat(t["time"]), int(t["trade_id"]))
        )
        prices = [Decimal(t["price"]) for t in ordered]
        assert row["trade_count"] == len(ordered) > 0
        assert [Decimal(row[name]) for name in ("open", "high", "low", "close")] == [
            prices[0],
            max(prices),
            min(prices),
            prices[-1],
        ]
        assert Decimal(row["volume"]) == sum(Decimal(t["size"]) for t in ordered)
    assert not by_minute

    books: Books = {}
    best: dict[tuple[str, str], tuple[Decimal, Decimal]] = {}
    for message in heard.messages:
        if message["channel"] == "l2_data":
            (event,) = message["events"]
            apply_book_event(books, event)
            bids, offers = books[event["product_id"]]
            best[event["product_id"], f"{message['timestamp'][:16]}:00Z"] = max(bids), min(offers)
    assert best == {key: (Decimal(row["best_bid"]), Decimal(row["best_ask"])) for key, row in minutes.items()}


def test_the_ledger_begins_and_ends_with_the_run(tmp_path: Path) -> None:
    path = tmp_path / "ledger.ndjson"
    heard = Heard(simulation("drop=0.01", ledger=path))
    truth = read_truth(path)
    assert truth.runs == [
        {"seed": 1, "start": "2026-04-07T14:30:00Z", "products": ["BTC-USD", "ETH-USD", "SOL-USD"]}
    ]
    (end,) = truth.ends
    assert truth.is_complete
    assert (end["trades"], end["messages"], end["gaps"]) == (
        len(truth.trades),
        len(truth.messages),
        len(truth.gaps),
    )
    assert end["messages"] == heard.session.sequence_num


def test_a_line_cut_off_by_a_kill_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "ledger.ndjson"
    Heard(simulation(ledger=path, messages=50))
    whole = path.read_bytes()
    path.write_bytes(whole[: whole.rindex(b'"end"')])

    truth = read_truth(path)

    assert not truth.is_complete
    assert len(truth.messages) >= 50
