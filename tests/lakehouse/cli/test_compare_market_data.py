"""What `lakehouse run market_data` says of tables that are right, and of tables with one thing wrong."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from lakehouse.cli.market_data.comparison import compare
from lakehouse.cli.market_data.tables import FoundBar, FoundGaps, Key
from lakehouse.simulate.coinbase.truth import Truth

P = "BTC-USD"
FIRST, SECOND, THIRD, FOURTH = (
    int(datetime(2026, 4, 7, 14, minute, tzinfo=UTC).timestamp()) for minute in range(4)
)


def trade(number: int, minute: int, price: str, size: str) -> dict[str, Any]:
    time = f"2026-04-07T14:0{minute}:30.5Z"
    return {
        "product_id": P,
        "trade_id": str(number),
        "price": price,
        "size": size,
        "side": "BUY",
        "time": time,
    }


def minute(number: int, trades: int, prices: tuple[str, str, str, str], volume: str) -> dict[str, Any]:
    bar = dict(zip(("open", "high", "low", "close"), prices, strict=True))
    begin = f"2026-04-07T14:0{number}:00Z"
    return {
        "product_id": P,
        "minute": begin,
        "trade_count": trades,
        "volume": volume,
        "is_whole": True,
        **bar,
    }


TRUTH = Truth(
    runs=[{"start": "2026-04-07T14:00:00Z", "products": [P]}],
    trades=[
        trade(1, 0, "10.0", "1"), trade(2, 0, "12.0", "2"),
        trade(3, 1, "9.0", "4"), trade(4, 1, "8.0", "1"), trade(5, 1, "7.0", "1"),
        trade(6, 2, "7.0", "1"), trade(7, 3, "7.0", "1"),
    ],
    messages=[
        {"connection": 1, "sequence_num": number, "fate": fate}
        for number, fate in enumerate(("sent", "duplicated", "sent", "dropped", "sent", "dropped"))
    ],
    gaps=[{"connection": 1, "last_before": 2, "next_after": 4}],
    minutes=[
        minute(0, 2, ("10.0", "12.0", "10.0", "12.0"), "3"),
        minute(1, 3, ("9.0", "9.0", "7.0", "7.0"), "6"),
        minute(2, 1, ("7.0", "7.0", "7.0", "7.0"), "1"),
        minute(3, 1, ("7.0", "7.0", "7.0", "7.0"), "1"),
    ],
    ends=[{"time": "2026-04-07T14:04:00Z"}],
)  # fmt: skip
TOLD: set[Key] = {(P, 1), (P, 2), (P, 3), (P, 5), (P, 6), (P, 7)}
"""The trade 4 was dropped."""


class Made:
    """Tables as they should be, for a test to spoil."""

    def __init__(self) -> None:
        values = {1: ("10", "1"), 2: ("12", "2"), 3: ("9", "4"), 5: ("7", "1"), 6: ("7", "1"), 7: ("7", "1")}
        self.trade_rows = [
            ((P, number), (Decimal(price), Decimal(size), "BUY")) for number, (price, size) in values.items()
        ]
        self.bar_rows = {
            (P, FIRST): bar(10, 12, 10, 12, 3, 2),
            (P, SECOND): bar(9, 9, 7, 7, 5, 2, is_complete=False),
            (P, THIRD): bar(7, 7, 7, 7, 1, 1),
            (P, FOURTH): bar(7, 7, 7, 7, 1, 1, is_complete=False),
        }
        self.gap_rows = {P: FoundGaps(gaps=1, missing_messages=1, missing_trades=1)}
        self.before: dict[str, int] = {}
        self.recorded = Counter([(1, 2, 4)])

    def trades(self) -> Any:
        return self.trade_rows

    def bars(self) -> Any:
        return self.bar_rows

    def gaps(self) -> Any:
        return self.gap_rows

    def last_trades_before(self) -> Any:
        return self.before

    def recorded_gaps(self) -> Any:
        return self.recorded


def bar(*values: int, is_complete: bool = True) -> FoundBar:
    return FoundBar(tuple(map(Decimal, values)), is_complete)


def unequal(made: Made) -> list[int]:
    """Positions of the comparisons that differ."""
    found = list(compare(TRUTH, TOLD, made))  # type: ignore[arg-type]
    assert len(found) == 6
    return [position for position, one in enumerate(found) if not one.is_equal]


def test_tables_that_are_right_are_equal() -> None:
    assert unequal(Made()) == []


@pytest.mark.parametrize(("minute", "is_complete"), [(FIRST, False), (FOURTH, True)])
def test_where_ids_prove_nothing_a_connection_may_or_may_not(minute: int, is_complete: bool) -> None:
    """Before the first minute and after the last there is no trade."""
    made = Made()
    made.bar_rows[P, minute] = bar(*map(int, made.bar_rows[P, minute].values), is_complete=is_complete)
    assert unequal(made) == []


def spoil(name: str, value: Any) -> Callable[[Made], None]:
    return lambda made: setattr(made, name, value)


@pytest.mark.parametrize(
    ("wrong", "differing"),
    [
        (lambda made: made.trade_rows.append(made.trade_rows[0]), [0]),
        (lambda made: made.trade_rows.append(((P, 4), (Decimal(8), Decimal(1), "BUY"))), [0, 1]),
        (lambda made: made.trade_rows.pop(2), [0, 1]),
        (lambda made: made.trade_rows.clear(), [0, 1]),
        (lambda made: made.trade_rows.__setitem__(0, ((P, 1), (Decimal(10), Decimal(1), "SELL"))), [0]),
        (lambda made: made.bar_rows.update({(P, FIRST): bar(10, 12, 10, 11, 3, 2)}), [2]),
        (lambda made: made.bar_rows.update({(P, SECOND): bar(9, 9, 7, 7, 5, 2)}), [2, 3]),
        (lambda made: made.bar_rows.update({(P, THIRD): bar(7, 7, 7, 7, 1, 1, is_complete=False)}), [3]),
        (lambda made: made.bar_rows.update({(P, FOURTH + 60): bar(1, 1, 1, 1, 1, 1)}), [2]),
        (lambda made: made.bar_rows.clear(), [3]),
        (spoil("gap_rows", {}), [1, 5]),
        (spoil("gap_rows", {P: FoundGaps(2, 1, 1)}), [5]),
        (spoil("gap_rows", {P: FoundGaps(1, 1, 0)}), [1]),
        (spoil("recorded", Counter()), [4]),
        (spoil("recorded", Counter([(1, 2, 4), (1, 4, 6)])), [4]),
        (spoil("before", {P: -7}), [1]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(wrong: Callable[[Made], None], differing: list[int]) -> None:
    made = Made()
    wrong(made)
    assert unequal(made) == differing
