"""The timelines of silver as a table has taken it in and as it is now, and where the two may differ.

Read from a few columns of all rows, into groups that are few: a product's trades of a day, a connection.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from pyspark.sql import Column, DataFrame, Row
from pyspark.sql import functions as F

from lakehouse.transforms.market_data.losses import tells
from lakehouse.transforms.market_data.payload import TRADES
from lakehouse.transforms.market_data.reach import Touched
from lakehouse.transforms.market_data.timeline import DAY, Connection, Timeline, TradingDay
from lakehouse.transforms.scope import Change

_EPOCH = date(1970, 1, 1)
_BEFORE, _AFTER = "before", "after"
_EITHER = "either"
"""Which version a row is of: one of an input that did not change is of either."""


@dataclass(frozen=True)
class Received:
    """What was received, before and after changes."""

    before: Timeline
    after: Timeline
    touched: Touched

    def without_trades(self) -> "Received":
        """What books are made of."""
        before, after = (Timeline({}, timeline.connections) for timeline in (self.before, self.after))
        return Received(before, after, Touched(connections=self.touched.connections))


def day_number(text: str) -> int:
    """A date in ISO's words as days since 1970."""
    return (date.fromisoformat(text) - _EPOCH).days


def iso_date(day: int) -> str:
    """Days since 1970 as a date in ISO's words."""
    return (_EPOCH + timedelta(days=day)).isoformat()


def received(inputs: Mapping[str, DataFrame], changes: Mapping[str, Change]) -> Received:
    """From the tables market_trades, level2 and messages, or some of them, as they are, and how they changed."""
    days = _trading_days(*_versions(inputs, changes, "market_trades"))
    messages = _messages(*_versions(inputs, changes, "messages"))
    books = _books(*_versions(inputs, changes, "level2"))
    before, after = (
        Timeline(_by_product(_of(version, days)), _by_name(_of(version, messages), _of(version, books)))
        for version in (_BEFORE, _AFTER)
    )
    trades = changes["market_trades"].partitions if "market_trades" in changes else ()
    touched = Touched(
        frozenset((str(of["product_id"]), day_number(str(of["date"]))) for of in trades),
        frozenset(row["connection_id"] for row in (*messages, *books) if row["is_touched"]),
    )
    return Received(before, after, touched)


def _versions(
    inputs: Mapping[str, DataFrame], changes: Mapping[str, Change], table: str
) -> tuple[DataFrame | None, Column]:
    """The rows of an input with their `version`, and whether a row is of a partition that a change touched."""
    if table not in inputs:
        return None, F.lit(False)
    if table not in changes:
        return inputs[table].withColumn("version", F.lit(_EITHER)), F.lit(False)
    change = changes[table]
    before = change.before.withColumn("version", F.lit(_BEFORE))
    after = change.after.withColumn("version", F.lit(_AFTER))
    # What was taken in before a column came to be lacks it.
    return before.unionByName(after, allowMissingColumns=True), F.col("date").isin(
        sorted(change.values("date"))
    )


def _trading_days(trades: DataFrame | None, _: Column) -> list[Row]:
    if trades is None:
        return []
    time = F.unix_micros("time")
    found = trades.groupBy("version", "product_id", F.unix_date("date").alias("day")).agg(
        F.min("trade_id").alias("first_id"),
        F.max("trade_id").alias("last_id"),
        F.min_by(time, "trade_id").alias("opened"),
        F.max_by(time, "trade_id").alias("closed"),
        F.min(time).alias("begins"),
        F.max(time).alias("ends"),
    )
    return list(found.collect())


def _messages(messages: DataFrame | None, is_touched: Column) -> list[Row]:
    if messages is None:
        return []
    time = F.when(F.col("sequence_num").isNotNull(), F.unix_micros("time"))
    products = F.when(F.col("kind") == "connected", F.from_json("products", "array<string>"))
    found = messages.groupBy("version", "connection_id").agg(
        F.min(time).alias("begins"),
        F.max(time).alias("ends"),
        F.array_distinct(F.flatten(F.collect_set(products))).alias("products"),
        F.bool_or(F.when(F.col("kind") == "connected", tells(TRADES))).alias("has_trades"),
        F.min(F.unix_date("date")).alias("first_day"),
        F.max(F.unix_date("date")).alias("last_day"),
        F.bool_or(is_touched).alias("is_touched"),
    )
    return list(found.collect())


def _books(level2: DataFrame | None, is_touched: Column) -> list[Row]:
    if level2 is None:
        return []
    time = F.unix_micros("time")
    found = level2.groupBy("version", "connection_id").agg(
        F.min(time).alias("begins"), F.max(time).alias("ends"), F.bool_or(is_touched).alias("is_touched")
    )
    return list(found.collect())


def _of(version: str, rows: Iterable[Row]) -> list[Row]:
    return [row for row in rows if row["version"] in {version, _EITHER}]


def _by_product(days: Iterable[Row]) -> dict[str, dict[int, TradingDay]]:
    found: dict[str, dict[int, TradingDay]] = defaultdict(dict)
    for row in days:
        found[row["product_id"]][row["day"]] = TradingDay(
            row["first_id"], row["last_id"], row["opened"], row["closed"], row["begins"], row["ends"]
        )
    return dict(found)


def _by_name(messages: Iterable[Row], books: Iterable[Row]) -> dict[str, Connection]:
    of_messages = {row["connection_id"]: row for row in messages}
    of_books = {row["connection_id"]: row for row in books}
    found = {name: _connection(of_messages.get(name), of_books.get(name)) for name in of_messages | of_books}
    return {name: connection for name, connection in found.items() if connection}


def _connection(messages: Row | None, books: Row | None) -> Connection | None:
    """None for one that brought nothing that has a time."""
    heard = (messages["begins"], messages["ends"]) if messages and messages["begins"] is not None else None
    spans = [span for span in (heard, (books["begins"], books["ends"]) if books else None) if span]
    if not spans:
        return None
    extent = min(begins for begins, _ in spans), max(ends for _, ends in spans)
    products = frozenset(messages["products"] or ()) if messages else frozenset()
    days = (messages["first_day"], messages["last_day"]) if messages else None
    has_trades = not messages or messages["has_trades"] is not False
    return Connection(products, heard, extent, days or (extent[0] // DAY, extent[1] // DAY), has_trades)
