"""Whether all trades of a period are known.

The ids of a product's trades have no holes. So where a trade before the period, one after it and every id between them
are there, nothing is missing, whatever its connections lost. At the edges of what was received, a connection that is
subscribed to trades and was heard without a gap stands for the trade that is not there.
"""

from functools import reduce

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from lakehouse.transforms.held import held
from lakehouse.transforms.market_data.losses import (
    LATE_SECONDS,
    carried,
    heard_extents,
    later,
    missing_trades,
    numbered,
    unheard,
)
from lakehouse.transforms.market_data.payload import TRADES

FINAL_SECONDS = 60
"""A bar is final when the exchange's clock is so far past its end: later trades belong to later bars."""

_LOST, _UNTOLD, _UNHEARD = "_lost", "_untold", "_unheard"
"""Flags of losses: of trades by their ids, of messages on connections that have trades, and on any."""


def judge(periods: DataFrame, trades: DataFrame, messages: DataFrame) -> DataFrame:
    """Add flags to periods of products, `[start, end)`.

    `is_complete`: every trade is known. `is_final`: the exchange's clock, as any message about the product tells it, is
    a minute past the end. `is_heard`: messages about the product came from begin to end, and none is known to be
    missing.
    """
    judged = _touched(
        periods.join(_extents(trades, messages), "product_id", "left"), _losses(trades, messages)
    )
    start, end = F.col("start"), F.col("end")
    told_all = (F.col("_told") <= start) & ~F.col(_UNTOLD)
    from_start = (later(F.col("_first"), LATE_SECONDS) <= start) | told_all
    to_end = (F.col("_last") >= later(end, LATE_SECONDS)) | (
        (F.col("_told_until") >= later(end, LATE_SECONDS)) & told_all
    )
    flags = {
        "is_complete": ~F.col(_LOST) & from_start & to_end,
        "is_final": F.col("_heard_until") >= later(end, FINAL_SECONDS),
        "is_heard": (F.col("_heard") <= start) & (F.col("_heard_until") >= end) & ~F.col(_UNHEARD),
    }
    return judged.select(
        *periods.columns, *(F.coalesce(flag, F.lit(False)).alias(name) for name, flag in flags.items())
    )


def _extents(trades: DataFrame, messages: DataFrame) -> DataFrame:
    """Of each product the times of the trades of the lowest and highest id, and when messages were heard.

    Columns: product_id, _first, _last; _heard, _heard_until; _told, _told_until of connections that have trades.
    """
    known = trades.groupBy("product_id").agg(
        F.min_by("time", "trade_id").alias("_first"), F.max_by("time", "trade_id").alias("_last")
    )
    heard = _heard(messages, "_heard", "_heard_until")
    told = _heard(messages, "_told", "_told_until", TRADES)
    return held(known.join(heard, "product_id", "full").join(told, "product_id", "full"))


def _heard(messages: DataFrame, begins: str, ends: str, channel: str | None = None) -> DataFrame:
    """From the first message about each product to the last, of connections that have a channel, by these names."""
    extents = heard_extents(numbered(messages), carried(messages, channel))
    return extents.withColumnsRenamed({"begins": begins, "ends": ends})


def _losses(trades: DataFrame, messages: DataFrame) -> DataFrame:
    """Stretches of products in which something is missing or may be: product_id, begins, ends, flag."""
    slack = F.make_dt_interval(secs=F.lit(LATE_SECONDS))
    holes = missing_trades(trades).select(
        "product_id", (F.col("begins") - slack).alias("begins"), (F.col("ends") + slack).alias("ends")
    )
    stretches = {_LOST: holes, _UNTOLD: unheard(messages, TRADES), _UNHEARD: unheard(messages)}
    return held(
        reduce(DataFrame.union, (found.withColumn("flag", F.lit(flag)) for flag, found in stretches.items()))
    )


def _touched(periods: DataFrame, losses: DataFrame) -> DataFrame:
    """Say of each period by a column for each flag whether such a stretch of its product touches it."""
    touches = (
        (F.col("p.product_id") == F.col("l.product_id"))
        & (F.col("l.begins") < F.col("p.end"))
        & (F.col("l.ends") >= F.col("p.start"))
    )
    flags = (_LOST, _UNTOLD, _UNHEARD)
    found = periods.alias("p").join(losses.alias("l"), touches).groupBy("p.product_id", "p.start")
    touched = found.agg(*(F.bool_or(F.col("flag") == flag).alias(flag) for flag in flags))
    return periods.join(touched, ["product_id", "start"], "left").fillna(False, flags)
