"""Of which minutes the trades that arrived prove that none is missing, as docs/market_data.md defines it."""

from collections import defaultdict
from datetime import datetime
from itertools import pairwise

from lakehouse.cli.market_data.tables import Key
from lakehouse.simulate.coinbase.truth import Truth

SLACK_SECONDS = 2
"""A trade may be told so much later than it happened."""
_MINUTE = 60


def provable_minutes(truth: Truth, told: set[Key], minutes: set[Key]) -> set[Key]:
    """Those minutes with a trade before them, one after them, and no hole in the ids near them.

    Args:
        truth: The ledger.
        told: Trades that arrived.
        minutes: Product and begin in seconds since 1970.
    """
    known: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for trade in truth.trades:
        key = trade["product_id"], int(trade["trade_id"])
        if key in told:
            known[key[0]].append((key[1], datetime.fromisoformat(trade["time"]).timestamp()))
    return {(product, begin) for product, begin in minutes if _is_proven(sorted(known[product]), begin)}


def _is_proven(trades: list[tuple[int, float]], begin: int) -> bool:
    """Whether trades, by id and time, prove the minute from `begin`."""
    since, until = begin - SLACK_SECONDS, begin + _MINUTE + SLACK_SECONDS
    times = [time for _, time in trades]
    if not times or min(times) > since or max(times) < until:
        return False
    holes = (
        (min(time, next_time), max(time, next_time))
        for (number, time), (next_number, next_time) in pairwise(trades)
        if next_number - number > 1
    )
    return not any(begins < until and ends >= since for begins, ends in holes)
