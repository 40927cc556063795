"""Each fault does what it says, and the ledger tells of it."""

import json
import re
from collections import Counter
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from lakehouse.simulate.coinbase.exchange import Exchange
from lakehouse.simulate.coinbase.faults import Faults, Trigger
from lakehouse.simulate.coinbase.ledger import Ledger
from lakehouse.simulate.coinbase.session import Ending
from lakehouse.simulate.coinbase.truth import Truth, read_truth
from tests.lakehouse.simulate.coinbase.feed import Heard, of_channel, simulation, subscribe, trades_in


def run(tmp_path: Path, *faults: str, **values: Any) -> tuple[Heard, Truth]:
    ledger = tmp_path / "ledger.ndjson"
    heard = Heard(simulation(*faults, ledger=ledger, **values))
    return heard, read_truth(ledger)


def with_fate(truth: Truth, fate: str) -> list[int]:
    return [message["sequence_num"] for message in truth.messages if message["fate"] == fate]


def jumps(numbers: list[int]) -> list[tuple[int, int]]:
    """Where a client that starts to count at 0 sees numbers missing."""
    return [(a, b) for a, b in zip([-1, *numbers], numbers, strict=False) if b not in {a, a + 1}]


def test_a_run_without_faults_has_no_gap_and_sends_everything_once(tmp_path: Path) -> None:
    heard, truth = run(tmp_path)
    assert truth.gaps == []
    assert with_fate(truth, "sent") == [message["sequence_num"] for message in heard.messages]
    assert [m["channel"] for m in truth.messages] == [m["channel"] for m in heard.messages]


def test_dropped_messages_are_gaps(tmp_path: Path) -> None:
    heard, truth = run(tmp_path, "drop=0.05")
    numbers = [message["sequence_num"] for message in heard.messages]
    dropped = with_fate(truth, "dropped")

    # 2,000 messages at 5 %: 100, with a standard deviation of 9.7.
    assert 60 < len(dropped) < 140
    assert sorted(numbers + dropped) == list(range(len(truth.messages)))
    assert [(gap["last_before"], gap["next_after"]) for gap in truth.gaps] == jumps(numbers)
    assert len(jumps(numbers)) > 50
    times = {message["sequence_num"]: message["timestamp"] for message in heard.messages}
    assert all(gap["time"] == times[gap["next_after"]] for gap in truth.gaps)


def test_the_nth_message_can_be_dropped_alone(tmp_path: Path) -> None:
    heard, truth = run(tmp_path, "drop=nth:500")
    assert with_fate(truth, "dropped") == [499]
    assert [(gap["last_before"], gap["next_after"]) for gap in truth.gaps] == [(498, 500)]
    assert len(heard.texts) == len(truth.messages) - 1


def test_a_first_message_that_is_dropped_is_a_gap_after_nothing(tmp_path: Path) -> None:
    _, truth = run(tmp_path, "drop=nth:1")
    assert [(gap["last_before"], gap["next_after"]) for gap in truth.gaps] == [(-1, 1)]


def test_duplicates_come_twice_with_the_same_number_and_are_no_gap(tmp_path: Path) -> None:
    heard, truth = run(tmp_path, "duplicate=0.05")
    counted = Counter(heard.texts)
    twice = [json.loads(text)["sequence_num"] for text, count in counted.items() if count == 2]
    assert 60 < len(twice) < 140
    assert twice == with_fate(truth, "duplicated")
    assert set(counted.values()) == {1, 2}
    assert truth.gaps == []


def test_malformed_messages_are_no_json_and_leave_a_gap(tmp_path: Path) -> None:
    heard, truth = run(tmp_path, "malform=0.05")
    numbers, broken = [], 0
    for text in heard.texts:
        try:
            numbers.append(json.loads(text)["sequence_num"])
        except json.JSONDecodeError:
            broken += 1
            assert "sequence_num" not in text
    assert broken == len(with_fate(truth, "malformed")) > 60
    assert [(gap["last_before"], gap["next_after"]) for gap in truth.gaps] == jumps(numbers)


def test_truncated_messages_are_no_json_but_show_their_number(tmp_path: Path) -> None:
    heard, truth = run(tmp_path, "truncate=0.05")
    numbers, cut_off = [], []
    for text in heard.texts:
        try:
            numbers.append(json.loads(text)["sequence_num"])
        except json.JSONDecodeError:
            (number,) = re.findall(r'"sequence_num":(\d+),', text)
            cut_off.append(int(number))
    assert cut_off == with_fate(truth, "truncated")
    assert len(cut_off) > 60
    assert [(gap["last_before"], gap["next_after"]) for gap in truth.gaps] == jumps(numbers)


def test_late_trades_come_out_of_order_in_time_alone(tmp_path: Path) -> None:
    heard, truth = run(tmp_path, "late_trade=0.3")
    trades = [trade for trade in trades_in(heard.messages) if trade["product_id"] == "BTC-USD"]
    ids = [int(trade["trade_id"]) for trade in trades]
    times = [datetime.fromisoformat(trade["time"]) for trade in trades]
    assert ids == list(range(ids[0], ids[0] + len(ids)))
    assert times != sorted(times)
    assert trades == [trade for trade in truth.trades if trade["product_id"] == "BTC-USD"]


def test_a_skewed_clock_shows_in_envelopes_and_heartbeats_only(tmp_path: Path) -> None:
    heard, truth = run(tmp_path, "skew_seconds=-90.5")
    straight = Heard(simulation())
    for skewed, right in zip(heard.messages, straight.messages, strict=True):
        behind = datetime.fromisoformat(right["timestamp"]) - datetime.fromisoformat(skewed["timestamp"])
        assert abs(behind.total_seconds() - 90.5) <= 1e-6  # datetime has no nanoseconds
        if skewed["channel"] == "heartbeats":
            assert skewed["events"][0]["current_time"].endswith(".500000000+00:00")
        else:
            assert skewed["events"] == right["events"]
    assert truth.trades[0]["time"].startswith("2026-04-07T14:30:0")


def test_a_snapshot_can_have_many_megabytes() -> None:
    exchange = Exchange(simulation("snapshot_megabytes=20"), Ledger(simulation()))
    session = exchange.connect()
    exchange.answer(session, subscribe("level2"))
    sizes = [len(text) for text in session.outbox]
    assert 20_000_000 <= sizes[0] < 30_000_000
    assert max(sizes[1:]) < 100_000
    updates = json.loads(session.outbox[0])["events"][0]["updates"]
    bids, offers = (
        [Decimal(update["price_level"]) for update in updates if update["side"] == side]
        for side in ("bid", "offer")
    )
    assert (bids, offers) == (sorted(set(bids), reverse=True), sorted(set(offers)))
    assert 0 < bids[-1] < bids[0] < offers[0]


def test_a_refused_subscription_is_an_error_and_subscribes_nothing() -> None:
    heard = Heard(simulation("refuse=nth:3"))
    errors = [message for message in map(json.loads, heard.texts) if message.get("type") == "error"]
    assert errors == [{"type": "error", "message": "authentication failure"}]
    assert {message.get("channel") for message in map(json.loads, heard.texts)} == {
        None,
        "subscriptions",
        "heartbeats",
        "ticker",
        "market_trades",
    }


@pytest.mark.parametrize("ending", ["disconnect", "abort", "silence"])
def test_a_connection_ends_after_the_message_that_is_hit(tmp_path: Path, ending: str) -> None:
    heard, truth = run(tmp_path, f"{ending}=nth:700")
    assert heard.messages[-1]["sequence_num"] == 699
    assert heard.session.ending == Ending(ending)
    assert not heard.exchange.moves
    (closed,) = truth.closed
    beats = len(of_channel(heard.messages, "heartbeats"))
    assert (closed["reason"], closed["messages"], closed["heartbeats"]) == (ending, 700, beats)


def test_an_outage_costs_trades_that_nobody_hears(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.ndjson"
    faulty = simulation("abort=nth:700", "outage_seconds=3", ledger=ledger, trade_share=0.5)
    with Ledger(faulty) as written:
        exchange = Exchange(faulty, written)
        heard: list[list[int]] = []
        for _ in range(2):
            session = exchange.connect()
            for channel in ("heartbeats", "ticker", "level2", "market_trades"):
                exchange.answer(session, subscribe(channel))
            session_start = exchange.now
            while exchange.moves and not exchange.over:
                exchange.advance()
            trades = trades_in(
                m for m in map(json.loads, session.outbox) if m["events"][0].get("type") == "update"
            )
            heard.append([int(t["trade_id"]) for t in trades if t["product_id"] == "BTC-USD"])
        exchange.end()
    truth = read_truth(ledger)

    aborted, ended = truth.closed
    out = datetime.fromisoformat(truth.connections[1]["time"]) - datetime.fromisoformat(aborted["time"])
    made = [int(trade["trade_id"]) for trade in truth.trades if trade["product_id"] == "BTC-USD"]
    unheard = set(made) - set(heard[0]) - set(heard[1])
    assert ended["reason"] == "end"
    assert 2.5 < out.total_seconds() <= 3
    assert unheard == set(range(heard[0][-1] + 1, heard[1][0]))
    assert len(unheard) > 10
    assert session_start > exchange.start


def test_faults_are_decided_by_the_seed() -> None:
    faults = ("drop=0.02", "duplicate=0.02", "malform=0.02", "late_trade=0.1")
    first, same, other = (Heard(simulation(*faults, seed=seed)).texts for seed in (5, 5, 6))
    assert first == same
    assert first != other


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("lose=0.1", "unknown fault lose: it must be one of drop, duplicate"),
        ("drop=1.5", "fault drop: 1.5: a share is from 0 to 1"),
        ("drop=nth:0", "fault drop: nth:0: the first is nth:1"),
        ("drop", "fault drop: could not convert"),
        ("outage_seconds=-1", "outage_seconds is -1.0: it must not be negative"),
    ],
)
def test_a_fault_that_cannot_be_is_named(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Faults.parse([text])


def test_a_share_is_met_on_average_and_its_ends_exactly() -> None:
    def hits(trigger: Trigger) -> int:
        countdown = trigger.countdown("seed")
        return sum(countdown.hit() for _ in range(10_000))

    assert hits(Trigger()) == 0
    assert hits(Trigger(share=1.0)) == 10_000
    assert hits(Trigger(nth=10_000)) == 1
    # Binomial with a standard deviation of 30.
    assert 850 < hits(Trigger(share=0.1)) < 1_150
