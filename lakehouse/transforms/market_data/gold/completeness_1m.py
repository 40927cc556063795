"""What was received of each minute, and what is missing."""

from functools import reduce

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from lakehouse.transforms.market_data.book_minutes import book_minutes
from lakehouse.transforms.market_data.completeness import judge
from lakehouse.transforms.market_data.losses import (
    carried,
    heard_extents,
    later,
    missing_trades,
    numbered,
    sequence_gaps,
    silences,
)

_MINUTE = ["product_id", "start"]
_SUMS = (
    "received_trades",
    "missing_trades",
    "sequence_gaps",
    "missing_messages",
    "heartbeats",
    "missing_heartbeats",
    "silent",
    "valid_seconds",
)


def transform(*, market_trades: DataFrame, level2: DataFrame, messages: DataFrame) -> DataFrame:
    """Silver market_trades, level2 and messages → market_data.gold.completeness_1m."""
    heard, products = numbered(messages), carried(messages)
    found = [
        _minutes(heard, products, market_trades),
        _received(market_trades),
        _missing(market_trades),
        _gaps(heard, products),
        _heartbeats(heard, products),
        _silence(heard, products),
        book_minutes(level2, messages).select(*_MINUTE, "valid_seconds"),
    ]
    observed = reduce(lambda rows, more: rows.unionByName(more, allowMissingColumns=True), found)
    minutes = (
        observed.groupBy(*_MINUTE)
        .agg(
            F.bool_or("is_known").alias("is_known"),
            *(F.coalesce(F.sum(name), F.lit(0)).alias(name) for name in _SUMS),
        )
        .where("is_known")
        .withColumn("end", later(F.col("start"), 60))
    )
    judged = judge(minutes, market_trades, messages)
    whole = F.col("is_complete") & F.col("is_heard") & (F.col("missing_heartbeats") == 0)
    return judged.select(
        "product_id",
        F.col("start").alias("minute"),
        "received_trades",
        "missing_trades",
        (F.col("received_trades") + F.col("missing_trades")).alias("expected_trades"),
        "sequence_gaps",
        "missing_messages",
        "heartbeats",
        "missing_heartbeats",
        F.least("silent", F.lit(60)).cast("decimal(5,3)").alias("silent_seconds"),
        F.col("valid_seconds").cast("decimal(5,3)").alias("book_valid_seconds"),
        whole.alias("is_complete"),
        F.to_date("start").alias("date"),
    )


def _minute(time: Column) -> Column:
    return F.date_trunc("minute", time).alias("start")


def _minutes(heard: DataFrame, products: DataFrame, trades: DataFrame) -> DataFrame:
    """Every minute from the first message about a product to the last, and those of older trades of snapshots."""
    extents = heard_extents(heard, products)
    known = extents.select("product_id", F.explode(_minutes_between()).alias("start"))
    traded = trades.select("product_id", _minute(F.col("time")))
    return known.union(traded).withColumn("is_known", F.lit(True))


def _minutes_between() -> Column:
    return F.sequence(_minute(F.col("begins")), _minute(F.col("ends")), F.expr("interval 1 minute"))


def _received(trades: DataFrame) -> DataFrame:
    return trades.select("product_id", _minute(F.col("time")), F.lit(1).alias("received_trades"))


def _missing(trades: DataFrame) -> DataFrame:
    holes = missing_trades(trades)
    return holes.select("product_id", _minute(F.col("after")), F.col("missing").alias("missing_trades"))


def _gaps(heard: DataFrame, products: DataFrame) -> DataFrame:
    gaps = sequence_gaps(heard).join(products, "connection_id")
    return gaps.select(
        "product_id",
        _minute(F.col("ends")),
        F.lit(1).alias("sequence_gaps"),
        F.col("missing").alias("missing_messages"),
    )


def _heartbeats(heard: DataFrame, products: DataFrame) -> DataFrame:
    by_counter = Window.partitionBy("connection_id").orderBy("heartbeat_counter")
    missing = F.col("heartbeat_counter") - F.lag("heartbeat_counter").over(by_counter) - 1
    beats = heard.where("heartbeat_counter is not null").withColumn("missing", F.greatest(missing, F.lit(0)))
    minutes = beats.groupBy("connection_id", _minute(F.col("time"))).agg(
        F.count("*").alias("heartbeats"), F.sum("missing").alias("missing_heartbeats")
    )
    return minutes.join(products, "connection_id").drop("connection_id")


def _silence(heard: DataFrame, products: DataFrame) -> DataFrame:
    """Seconds of each minute that lie in a silence."""
    each = silences(heard, products).select("*", F.explode(_minutes_between()).alias("start"))
    until = F.least("ends", later(F.col("start"), 60))
    since = F.greatest("begins", "start")
    seconds = (F.unix_micros(until) - F.unix_micros(since)).cast("decimal(18,0)") / 1_000_000
    return each.select("product_id", "start", seconds.alias("silent"))
