"""How far changes reach, on timelines drawn by hand: a product's trades and connections by days from 0."""

from dataclasses import replace

import pytest

from lakehouse.transforms.market_data.reach import Touched, reached_days
from lakehouse.transforms.market_data.timeline import DAY, Connection, Span, Timeline, TradingDay

HOUR = DAY // 24
NOON = 12 * HOUR


def trades(**days: int) -> dict[int, TradingDay]:
    """Of each day (`d3`) the number of the one trade that it has at noon."""
    made = {}
    for day, number in days.items():
        time = int(day[1:]) * DAY + NOON
        made[int(day[1:])] = TradingDay(number, number, time, time, time, time)
    return made


def connection(begins: int, ends: int, *products: str) -> Connection:
    span: Span = (begins, ends)
    return Connection(frozenset(products), span, span, (begins // DAY, ends // DAY))


def on(day: int, *products: str) -> Connection:
    """An hour of a day."""
    return connection(day * DAY + NOON, day * DAY + NOON + HOUR, *products)


def reached(before: Timeline, after: Timeline, **touched: object) -> set[int] | None:
    return reached_days(before, after, Touched(**{name: frozenset(of) for name, of in touched.items()}))  # type: ignore[call-overload]


def test_a_trade_reaches_to_those_before_and_after_it() -> None:
    before = Timeline({"P": trades(d1=1, d3=3, d7=7, d9=9), "Q": trades(d4=1, d5=2)}, {})
    after = Timeline({"P": trades(d1=1, d3=3, d5=5, d7=7, d9=9), "Q": trades(d4=1, d5=2)}, {})

    assert reached(before, after, trades={("P", 5)}) == {3, 4, 5, 6, 7}
    assert reached(after, before, trades={("P", 5)}) == {3, 4, 5, 6, 7}
    assert reached(after, after, trades={("P", 9)}) == {7, 8, 9}


def test_a_connection_reaches_to_what_its_products_were_heard_before_and_after_it() -> None:
    quiet = {"a": on(1, "P"), "b": on(3, "P"), "y": on(9, "P"), "q": on(6, "Q")}
    before, after = Timeline({}, quiet), Timeline({}, {**quiet, "c": on(5, "P")})

    assert reached(before, after, connections={"c"}) == {3, 4, 5, 6, 7, 8, 9}
    assert reached(after, before, connections={"c"}) == {3, 4, 5, 6, 7, 8, 9}
    assert reached(before, after) == set()


def test_a_connection_reaches_to_what_was_told_of_trades_before_and_after_it() -> None:
    def books(day: int) -> Connection:
        return replace(on(day, "P"), has_trades=False)

    known = {"a": on(1, "P"), "b": books(4), "y": books(6), "z": on(9, "P")}
    after = Timeline({}, {**known, "c": on(5, "P")})
    of_books = Timeline({}, {**known, "c": books(5)})

    assert reached(Timeline({}, known), after, connections={"c"}) == {1, 2, 3, 4, 5, 6, 7, 8, 9}
    assert reached(Timeline({}, known), of_books, connections={"c"}) == {4, 5, 6}


def test_a_connection_is_touched_from_begin_to_end() -> None:
    long = {"a": on(0, "P"), "c": connection(2 * DAY, 5 * DAY, "P"), "z": on(8, "P")}
    covered = Timeline({}, {**long, "d": connection(DAY, 9 * DAY, "P")})

    assert reached(Timeline({}, long), Timeline({}, long), connections={"c"}) == {0, 1, 2, 3, 4, 5, 6, 7, 8}
    assert reached(covered, covered, connections={"c"}) == {1, 2, 3, 4, 5}


def test_flags_look_a_minute_over_midnight() -> None:
    after = Timeline({}, {"c": connection(3 * DAY + 59_000_000, 3 * DAY + NOON, "P"), "a": on(1, "P")})
    heard = Timeline({}, {"c": connection(3 * DAY, 3 * DAY + NOON), "p": connection(0, 9 * DAY, "P")})

    assert reached(after, after, connections={"c"}) == {1, 2, 3}
    assert reached(heard, heard, connections={"c"}) == {2, 3}


def test_a_product_that_becomes_known_is_new_everywhere() -> None:
    traded = Timeline({"P": trades(d2=1, d9=2)}, {"c": on(4)})
    heard = Timeline({"P": trades(d2=1, d9=2)}, {"c": on(4, "P")})

    assert reached(traded, heard, connections={"c"}) == {2, 3, 4, 5, 6, 7, 8, 9}


@pytest.mark.parametrize("days", [trades(d1=5, d2=4), trades(d1=5, d2=5)])
def test_ids_that_do_not_rise_with_the_days_reach_anywhere(days: dict[int, TradingDay]) -> None:
    assert reached(Timeline({}, {}), Timeline({"P": days}, {}), trades={("P", 2)}) is None
    assert reached(Timeline({"P": days}, {}), Timeline({}, {}), trades={("P", 2)}) is None


def test_a_wrong_clock_reaches_anywhere() -> None:
    after = Timeline({}, {"c": connection(0, 30_000 * DAY, "P")})

    assert reached(Timeline({}, {}), after, connections={"c"}) is None
