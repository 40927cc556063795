"""What is known to be missing: trades by their ids, messages by their numbers, and time in which nothing was heard.

A loss lies between two things that were received, `begins` and `ends`. All times are the exchange's.
"""

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from lakehouse.transforms.held import held
from lakehouse.transforms.market_data.payload import TRADES

LATE_SECONDS = 2
"""A trade may be told so much later than it happened, out of the order of its id."""
SILENCE_SECONDS = 5
"""Heartbeats come every second; a connection that brings nothing for longer may have lost what it had to bring."""


def later(time: Column, seconds: int) -> Column:
    """The moment so many seconds after."""
    return time + F.make_dt_interval(secs=F.lit(seconds))


def missing_trades(trades: DataFrame) -> DataFrame:
    """Holes in the ids of each product's trades: product_id, missing (how many), begins, ends."""
    by_id = Window.partitionBy("product_id").orderBy("trade_id")
    before, time_before = F.lag("trade_id").over(by_id), F.lag("time").over(by_id)
    holes = trades.select(
        "product_id", "trade_id", "time", before.alias("before"), time_before.alias("begins")
    )
    return held(
        holes.where("trade_id - before > 1").select(
            "product_id",
            F.expr("trade_id - before - 1").alias("missing"),
            F.least("begins", "time").alias("begins"),
            F.greatest("begins", "time").alias("ends"),
            F.col("time").alias("after"),
        )
    )


def numbered(messages: DataFrame) -> DataFrame:
    """Each sequence number of each connection once: connection_id, sequence_num, time, heartbeat_counter."""
    heard = messages.where("sequence_num is not null and time is not null")
    return held(
        heard.groupBy("connection_id", "sequence_num").agg(
            F.min("time").alias("time"), F.max("heartbeat_counter").alias("heartbeat_counter")
        )
    )


def sequence_gaps(heard: DataFrame) -> DataFrame:
    """Holes in the numbers of each connection, which count from 0.

    Columns: connection_id, sequence_num (of the message after the hole), missing (how many), begins, ends.
    """
    by_number = Window.partitionBy("connection_id").orderBy("sequence_num")
    before = F.coalesce(F.lag("sequence_num").over(by_number), F.lit(-1))
    begins = F.coalesce(F.lag("time").over(by_number), F.col("time"))
    missing = F.col("sequence_num") - before - 1
    found = heard.select(
        "connection_id",
        "sequence_num",
        missing.alias("missing"),
        begins.alias("begins"),
        F.col("time").alias("ends"),
    )
    return held(found.where("missing > 0"))


def tells(channel: str) -> Column:
    """Whether a connection is subscribed to a channel, by the line of its begin; where this names none, to all."""
    channels = F.from_json("channels", "array<string>")
    return F.coalesce(F.array_contains(channels, channel) | (F.size(channels) == 0), F.lit(True))


def carried(messages: DataFrame, channel: str | None = None) -> DataFrame:
    """The products that each connection is subscribed to, of those that have a channel: connection_id, product_id."""
    connected = messages.where("kind = 'connected'")
    if channel:
        connected = connected.where(tells(channel))
    return held(
        connected.select(
            "connection_id", F.explode(F.from_json("products", "array<string>")).alias("product_id")
        ).distinct()
    )


def spans(heard: DataFrame) -> DataFrame:
    """From the first message of each connection to its last: connection_id, begins, ends, last_number."""
    return held(
        heard.groupBy("connection_id").agg(
            F.min("time").alias("begins"),
            F.max("time").alias("ends"),
            F.max("sequence_num").alias("last_number"),
        )
    )


def heard_spans(heard: DataFrame, products: DataFrame) -> DataFrame:
    """The same of the products of each connection: product_id, begins, ends."""
    return spans(heard).join(products, "connection_id").select("product_id", "begins", "ends")


def heard_extents(heard: DataFrame, products: DataFrame) -> DataFrame:
    """From the first message about each product to the last, on any connection: product_id, begins, ends."""
    of_product = heard_spans(heard, products).groupBy("product_id")
    return of_product.agg(F.min("begins").alias("begins"), F.max("ends").alias("ends"))


def silences(heard: DataFrame, products: DataFrame) -> DataFrame:
    """Stretches in which a connection, or none of a product, brought anything: product_id, begins, ends."""
    earlier = (
        Window.partitionBy("product_id").orderBy("begins", "ends").rowsBetween(Window.unboundedPreceding, -1)
    )
    between = heard_spans(heard, products).select(
        "product_id", F.max("ends").over(earlier).alias("begins"), F.col("begins").alias("ends")
    )
    within = _silences_within(heard).join(products, "connection_id")
    return within.select("product_id", "begins", "ends").union(between.where(_is_silence()))


def _silences_within(heard: DataFrame) -> DataFrame:
    """Stretches in which a connection brought nothing: connection_id, begins, ends."""
    in_order = Window.partitionBy("connection_id").orderBy("time")
    steps = heard.select(
        "connection_id", F.lag("time").over(in_order).alias("begins"), F.col("time").alias("ends")
    )
    return held(steps.where(_is_silence()))


def _is_silence() -> Column:
    return F.col("ends") > later(F.col("begins"), SILENCE_SECONDS)


def unheard(messages: DataFrame, channel: str | None = None) -> DataFrame:
    """Stretches in which messages about a product were lost or may have been: product_id, begins, ends.

    Of a channel: those of the connections that have it.
    """
    heard, products = numbered(messages), carried(messages, channel)
    gaps = sequence_gaps(heard).join(products, "connection_id").select("product_id", "begins", "ends")
    lost = refused(messages, products).where(F.col("channel") == channel if channel else F.lit(True))
    told_late = F.when(F.col("channel") == TRADES, LATE_SECONDS).otherwise(0)
    since = F.col("time") - F.make_dt_interval(secs=told_late)
    elements = lost.select("product_id", since.alias("begins"), F.col("time").alias("ends"))
    return gaps.union(elements).union(silences(heard, products))


def refused(messages: DataFrame, products: DataFrame) -> DataFrame:
    """Messages of which silver refused a level or trade: product_id, connection_id, sequence_num, channel, time.

    `products` says which each connection has: what names no product may be of any of them.
    """
    named = F.explode(F.from_json("refused_products", "array<string>"))
    found = messages.select("connection_id", "sequence_num", "channel", "time", named.alias("named"))
    about = found.join(products, "connection_id").where("named is null or named = product_id")
    return about.select("product_id", "connection_id", "sequence_num", "channel", "time")
