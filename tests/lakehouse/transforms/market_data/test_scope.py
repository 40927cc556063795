"""A change reaches the days that are recomputed and no other, and what is read is enough for them.

Random feeds of days and a late delivery each, all recomputed whole by Spark: what the late delivery changed anywhere is
the proof of the days, and the same days made of their scope alone that of what is read.
"""

from typing import TYPE_CHECKING, Any

import pytest

from lakehouse.address import Address
from lakehouse.contract import load
from lakehouse.steps.transforms import gold_rows
from tests.lakehouse.frames import change, frame
from tests.lakehouse.transforms.market_data.feeds import TABLES, Feed, Silver

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession

    from lakehouse.transforms.market_data.received import Received
    from lakehouse.transforms.market_data.timeline import Timeline

pytestmark = pytest.mark.timeout(1800)

FEEDS = 30
GOLD = ("completeness_1m", "ohlcv_1m", "ohlcv_1d", "spread_1m", "depth_1m")

type Days = dict[tuple[str, str], tuple[int, int]]
"""Product and date → how many rows it has, and a hash of them."""


def silver(spark: "SparkSession", rows: Silver) -> "dict[str, DataFrame]":
    made = {}
    for table in TABLES:
        contract = load(Address("market_data", "silver", table))
        types = {column.name: column.physicalType for column in contract.columns}
        made[table] = frame(spark, types, rows[table]).persist()
    return made


def days_of(table: str, inputs: "dict[str, DataFrame]") -> Days:
    from pyspark.sql import functions as F

    contract = load(Address("market_data", "gold", table))
    rows = gold_rows(contract, {address: inputs[address.table] for address in contract.inputs})
    found = rows.groupBy("product_id", F.col("date").cast("string").alias("date")).agg(
        F.count("*").alias("rows"), F.expr("bit_xor(xxhash64(struct(*)))").alias("hash")
    )
    return {(row["product_id"], row["date"]): (row["rows"], row["hash"]) for row in found.collect()}


def of_feed(timeline: "Timeline", feed: Feed) -> "Timeline":
    """What a timeline says of a feed."""
    from lakehouse.transforms.market_data.timeline import Timeline

    return Timeline(
        {product: days for product, days in timeline.trades.items() if product in feed.products},
        {name: c for name, c in timeline.connections.items() if name.startswith(feed.name)},
    )


def touched(feed: Feed) -> Any:
    """The rows that differ, and no others of their partitions: less than what a run knows."""
    from lakehouse.transforms.market_data.reach import Touched
    from lakehouse.transforms.market_data.received import day_number

    differing = {
        table: [row for row in feed.after[table] if row not in feed.before[table]]
        + [row for row in feed.before[table] if row not in feed.after[table]]
        for table in TABLES
    }
    trades = {(row["product_id"], day_number(str(row["date"]))) for row in differing["market_trades"]}
    connections = {row["connection_id"] for row in (*differing["messages"], *differing["level2"])}
    return Touched(frozenset(trades), frozenset(connections))


def together(feeds: list[Feed], when: str) -> Silver:
    return {table: [row for feed in feeds for row in getattr(feed, when)[table]] for table in TABLES}


def scopes(
    feeds: list[Feed], known: "Received"
) -> "tuple[set[tuple[str, str]], set[str], dict[str, Column]]":
    """Products and dates to recompute, products of which any date may have changed, and the rows to read, by table."""
    from pyspark.sql import functions as F

    from lakehouse.transforms.market_data.context import context_of
    from lakehouse.transforms.market_data.reach import reached_days
    from lakehouse.transforms.market_data.received import iso_date
    from lakehouse.transforms.market_data.scope import rows_of

    recomputed, anywhere, read = set(), set(), {table: F.lit(False) for table in TABLES}
    for feed in feeds:
        was, is_now = of_feed(known.before, feed), of_feed(known.after, feed)
        days = reached_days(was, is_now, touched(feed))
        if days is None:  # the correction of a trade's time put ids out of order
            anywhere |= {*feed.products}
            continue
        recomputed |= {(product, iso_date(day)) for product in feed.products for day in days}
        for table, rows in rows_of(context_of(is_now, days), is_now).items():
            name = "connection_id" if table == "messages" else "product_id"
            read[table] |= F.col(name).startswith(feed.name) & rows
    return recomputed, anywhere, read


def test_what_is_recomputed_is_what_changed(spark: "SparkSession") -> None:
    from lakehouse.transforms.market_data.received import received

    feeds = [Feed.draw(number) for number in range(FEEDS)]
    before, after = (silver(spark, together(feeds, when)) for when in ("before", "after"))
    known = received(after, {table: change(before[table], after[table]) for table in TABLES})
    recomputed, anywhere, read = scopes(feeds, known)
    of_scope = {table: after[table].where(read[table]) for table in TABLES}

    spared = changed = 0
    for table in GOLD:
        was, whole, made = (days_of(table, inputs) for inputs in (before, after, of_scope))
        differing = {key for key in was | whole if was.get(key) != whole.get(key) and key[0] not in anywhere}
        assert differing <= recomputed, f"{table}: not recomputed: {sorted(differing - recomputed)}"
        assert within(made, recomputed) == within(whole, recomputed), table
        spared += len(whole.keys() - recomputed)
        changed += len(differing)
    assert len(anywhere) <= FEEDS / 5
    assert changed > 100
    assert spared > 100


def within(days: Days, recomputed: set[tuple[str, str]]) -> Days:
    return {key: found for key, found in days.items() if key in recomputed}
