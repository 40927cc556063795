"""Whether all trades of a period are known.

The ids of a product's trades have no holes. So where a trade before the period, one after it and every id between them
are there, nothing is missing, whatever its connections lost. At the edges of what was received, a connection that is
subscribed to trades and was heard without a gap stands for the trade that is not there.
"""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from lakehouse.transforms.market_data.feed import TRADES
from lakehouse.transforms.market_data.losses import (
    LATE_SECONDS,
    carried,
    heard_spans,
    later,
    missing_trades,
    numbered,
    unheard,
)

FINAL_SECONDS = 60
"""A bar is final when the exchange's clock is so far past its end: later trades belong to later bars."""


def judge(periods: DataFrame, trades: DataFrame, messages: DataFrame) -> DataFrame:
    """Add flags to periods of products, `[start, end)`.

    `is_complete`: every trade is known. `is_final`: the exchange's clock, as any message about the product tells it, is
    a minute past the end.
    """
    told = _heard(messages, TRADES).withColumnsRenamed({"begins": "_heard", "ends": "_unto"})
    clock = _heard(messages).select("product_id", F.col("ends").alias("_clock"))
    known = trades.groupBy("product_id").agg(
        F.min_by("time", "trade_id").alias("_first"), F.max_by("time", "trade_id").alias("_last")
    )
    judged = periods.join(known, "product_id", "left").join(told, "product_id", "left")
    judged = judged.join(clock, "product_id", "left")
    judged = _touched(judged, missing_trades(trades), "_lost", LATE_SECONDS)
    judged = _touched(judged, unheard(messages, TRADES), "_unheard", 0)
    start, end = F.col("start"), F.col("end")
    heard_all = (F.col("_heard") <= start) & ~F.col("_unheard")
    from_start = (later(F.col("_first"), LATE_SECONDS) <= start) | heard_all
    to_end = (F.col("_last") >= later(end, LATE_SECONDS)) | (
        (F.col("_unto") >= later(end, LATE_SECONDS)) & heard_all
    )
    complete = F.coalesce(~F.col("_lost") & from_start & to_end, F.lit(False))
    final = F.coalesce(F.col("_clock") >= later(end, FINAL_SECONDS), F.lit(False))
    return judged.select(*periods.columns, complete.alias("is_complete"), final.alias("is_final"))


def with_heard(periods: DataFrame, messages: DataFrame) -> DataFrame:
    """Add `is_heard`: messages about the product came from begin to end, and none is known to be missing."""
    judged = periods.join(_heard(messages), "product_id", "left")
    judged = _touched(judged, unheard(messages), "_unheard", 0)
    through = (F.col("begins") <= F.col("start")) & (F.col("ends") >= F.col("end")) & ~F.col("_unheard")
    return judged.select(*periods.columns, F.coalesce(through, F.lit(False)).alias("is_heard"))


def _heard(messages: DataFrame, channel: str | None = None) -> DataFrame:
    """From the first message about each product to the last, of connections that have a channel."""
    spans = heard_spans(numbered(messages), carried(messages, channel))
    return spans.groupBy("product_id").agg(F.min("begins").alias("begins"), F.max("ends").alias("ends"))


def _touched(periods: DataFrame, losses: DataFrame, flag: str, slack_seconds: int) -> DataFrame:
    """Say of each period whether a loss of its product lies in it, or so near that it may."""
    touches = (
        (F.col("p.product_id") == F.col("l.product_id"))
        & (F.col("l.begins") < later(F.col("p.end"), slack_seconds))
        & (later(F.col("l.ends"), slack_seconds) >= F.col("p.start"))
    )
    found = periods.alias("p").join(losses.alias("l"), touches).select("p.product_id", "p.start").distinct()
    flagged = periods.join(found.withColumn(flag, F.lit(True)), ["product_id", "start"], "left")
    return flagged.withColumn(flag, F.coalesce(flag, F.lit(False)))
