"""What silver and gold say about one recording, asked of Athena."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from lakehouse.operations.athena import QueryError, query
from lakehouse.settings import Settings
from lakehouse.simulate.coinbase.truth import Truth

type Key = tuple[str, int]
"""Product and trade_id, or product and the begin of a minute in seconds since 1970."""


@dataclass(frozen=True)
class FoundBar:
    """A row of ohlcv_1m; `values` are open, high, low, close, volume, trade_count."""

    values: tuple[Decimal, ...]
    is_complete: bool


@dataclass(frozen=True)
class FoundGaps:
    """Of a product, from completeness_1m."""

    gaps: int
    missing_messages: int
    missing_trades: int


class Tables:
    """The rows of one recording.

    Args:
        settings: Names the work group.
        truth: Says when the exchange was open.
        since: When the recorder was started, by its own clock.
    """

    def __init__(self, settings: Settings, truth: Truth, since: datetime) -> None:
        self._settings = settings
        self._begin = _instant(truth.runs[0]["start"])
        self._within = f"BETWEEN {self._begin} AND {_instant(truth.ends[0]['time'])}"
        self._since = _instant(since.isoformat(timespec="milliseconds"))

    def trades(self) -> list[tuple[Key, tuple[Decimal, Decimal, str]]]:
        """Every row of silver.market_trades: key, then price, size and side."""
        rows = self._rows(
            "SELECT product_id, trade_id, price, size, side FROM market_data_silver.market_trades",
            f'WHERE "time" {self._within}',
        )
        return [
            ((product, int(number)), (Decimal(price), Decimal(size), side))
            for product, number, price, size, side in rows
        ]

    def bars(self) -> dict[Key, FoundBar]:
        """The bars of one minute."""
        rows = self._rows(
            "SELECT product_id, CAST(to_unixtime(start) AS bigint), open, high, low, close, volume, trade_count, "
            "is_complete FROM market_data_gold.ohlcv_1m",
            f"WHERE start {self._within}",
        )
        return {
            (product, int(start)): FoundBar(tuple(map(Decimal, values)), is_complete == "true")
            for product, start, *values, is_complete in rows
        }

    def gaps(self) -> dict[str, FoundGaps]:
        """The sums of completeness_1m by product."""
        rows = self._rows(
            "SELECT product_id, SUM(sequence_gaps), SUM(missing_messages), SUM(missing_trades) "
            "FROM market_data_gold.completeness_1m",
            f"WHERE minute {self._within} GROUP BY product_id",
        )
        return {product: FoundGaps(*map(int, counts)) for product, *counts in rows}

    def last_trades_before(self) -> dict[str, int]:
        """Product → its highest trade_id from before the exchange opened."""
        rows = self._rows(
            "SELECT product_id, MAX(trade_id) FROM market_data_silver.market_trades",
            f'WHERE "time" < {self._begin} GROUP BY product_id',
        )
        return {product: int(number) for product, number in rows}

    def recorded_gaps(self) -> Counter[tuple[int, int, int]]:
        """Gaps of silver.messages: connection, counted from 1, and the sequence numbers before and after."""
        rows = self._rows(
            "SELECT connection_id, kind, expected_sequence, received_sequence FROM market_data_silver.messages",
            f"WHERE kind IN ('connected', 'gap') AND received_at >= {self._since} ORDER BY counter",
        )
        connections = [connection for connection, kind, *_ in rows if kind == "connected"]
        return Counter(
            (1 + connections.index(connection), int(expected) - 1, int(received))
            for connection, kind, expected, received in rows
            if kind == "gap"
        )

    def _rows(self, select: str, where: str) -> list[list[str]]:
        found = query(f"{select} {where}", self._settings)
        return [["" if value is None else value for value in row] for row in found.rows]


def _instant(text: str) -> str:
    """A moment of RFC 3339 in SQL."""
    return f"from_iso8601_timestamp('{text}')"


def latest_minute(settings: Settings) -> datetime | None:
    """The latest minute that gold knows anything about; None where there is no gold."""
    sql = "SELECT CAST(to_unixtime(MAX(minute)) AS bigint) FROM market_data_gold.completeness_1m"
    try:
        ((seconds,),) = query(sql, settings).rows
    except QueryError:
        return None
    return datetime.fromtimestamp(int(seconds), UTC) if seconds else None
