"""What was received of each minute, and what is missing."""

from functools import reduce

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from lakehouse.transforms.market_data.book_minutes import book_minutes
from lakehouse.transforms.market_data.completeness import judge, with_heard
from lakehouse.transforms.market_data.losses import (
    carried,
    heard_spans,
    later,
    missing_trades,
    numbered,
    sequence_gaps,
    silences,
)

_MINUTE = ["product_id", "start"]
_COUNTS = (
    "received_trades",
    "missing_trades",
    "sequence_gaps",
    "missing_messages",
    "heartbeats",
    "missing_heartbeats",
)


def transform(*, market_trades: DataFrame, level2: DataFrame, messages: DataFrame) -> DataFrame:
    """Silver market_trades, level2 and messages → market_data.gold.completeness_1m."""
    heard, products = numbered(messages), carried(messages)
    spans = heard_spans(heard, products)
    counted = [
        _received(market_trades),
        _missing(market_trades),
        _gaps(heard, products),
        _heartbeats(heard, products),
        _silence(heard, products),
        book_minutes(level2, messages).select(*_MINUTE, "valid_seconds"),
    ]
    minutes = reduce(
        lambda rows, found: rows.join(found, _MINUTE, "left"), counted, _minutes(spans, market_trades)
    )
    minutes = minutes.fillna(0, _COUNTS).withColumn("end", later(F.col("start"), 60))
    judged = with_heard(judge(minutes, market_trades, messages), messages)
    whole = F.col("is_complete") & F.col("is_heard") & (F.col("missing_heartbeats") == 0)
    silent = F.least(F.coalesce("silent", F.lit(0)), F.lit(60))
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
        silent.cast("decimal(5,3)").alias("silent_seconds"),
        F.coalesce("valid_seconds", F.lit(0)).cast("decimal(5,3)").alias("book_valid_seconds"),
        whole.alias("is_complete"),
        F.to_date("start").alias("date"),
    )


def _minute(time: Column) -> Column:
    return F.date_trunc("minute", time)


def _minutes(spans: DataFrame, trades: DataFrame) -> DataFrame:
    """Every minute from the first message about a product to the last, and those of older trades of snapshots."""
    heard = spans.groupBy("product_id").agg(F.min("begins").alias("begins"), F.max("ends").alias("ends"))
    between = F.sequence(_minute(F.col("begins")), _minute(F.col("ends")), F.expr("interval 1 minute"))
    traded = trades.select("product_id", _minute(F.col("time")).alias("start"))
    return heard.select("product_id", F.explode(between).alias("start")).union(traded).distinct()


def _received(trades: DataFrame) -> DataFrame:
    minutes = trades.groupBy("product_id", _minute(F.col("time")).alias("start"))
    return minutes.agg(F.count("*").alias("received_trades"))


def _missing(trades: DataFrame) -> DataFrame:
    minutes = missing_trades(trades).groupBy("product_id", _minute(F.col("after")).alias("start"))
    return minutes.agg(F.sum("missing").alias("missing_trades"))


def _gaps(heard: DataFrame, products: DataFrame) -> DataFrame:
    gaps = sequence_gaps(heard).join(products, "connection_id")
    minutes = gaps.groupBy("product_id", _minute(F.col("ends")).alias("start"))
    return minutes.agg(F.count("*").alias("sequence_gaps"), F.sum("missing").alias("missing_messages"))


def _heartbeats(heard: DataFrame, products: DataFrame) -> DataFrame:
    by_counter = Window.partitionBy("connection_id").orderBy("heartbeat_counter")
    beats = heard.where("heartbeat_counter is not null")
    missing = F.col("heartbeat_counter") - F.lag("heartbeat_counter").over(by_counter) - 1
    counted = beats.withColumn("missing", F.greatest(F.coalesce(missing, F.lit(0)), F.lit(0)))
    minutes = counted.join(products, "connection_id").groupBy(
        "product_id", _minute(F.col("time")).alias("start")
    )
    return minutes.agg(F.count("*").alias("heartbeats"), F.sum("missing").alias("missing_heartbeats"))


def _silence(heard: DataFrame, products: DataFrame) -> DataFrame:
    """Seconds of each minute that lie in a silence."""
    touched = F.sequence(_minute(F.col("begins")), _minute(F.col("ends")), F.expr("interval 1 minute"))
    each = silences(heard, products).select("*", F.explode(touched).alias("start"))
    until = F.least("ends", later(F.col("start"), 60))
    since = F.greatest("begins", "start")
    seconds = (F.unix_micros(until) - F.unix_micros(since)).cast("decimal(18,0)") / 1_000_000
    return each.groupBy("product_id", "start").agg(F.sum(seconds).alias("silent"))
