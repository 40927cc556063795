"""Rates with 95 % confidence intervals, as decimal(18,6), rounded half up.

Proportions have the interval of Wilson (1927, https://doi.org/10.1080/01621459.1927.10502953) without correction for
continuity, rates the exact one of Garwood (1936, https://doi.org/10.1093/biomet/28.3-4.437) for a Poisson count.
"""

import pandas as pd
from pyspark.sql import Column
from pyspark.sql import functions as F

from lakehouse.transforms.money import average

RATE = "decimal(18,6)"
DIGITS = 6
_Z = 1.959963984540054
_TAIL = 0.025


def rate(numerator: Column, denominator: Column) -> Column:
    """`numerator / denominator`, exact before it is rounded; null where the denominator is 0."""
    return average(numerator, denominator, DIGITS).cast(RATE)


def wilson(numerator: Column, denominator: Column) -> tuple[Column, Column]:
    """The lower and upper limit of a proportion; null where the denominator is 0."""
    n = F.nullif(denominator.cast("double"), F.lit(0.0))
    share = numerator.cast("double") / n
    centre = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z / (1 + _Z**2 / n) * F.sqrt(share * (1 - share) / n + _Z**2 / (4 * n * n))
    # At the ends the formula gives exactly 0 and 1, which floating point misses by a little.
    lower = F.when(n.isNotNull() & (numerator == 0), 0.0).otherwise(centre - half)
    upper = F.when(n.isNotNull() & (numerator == denominator), 1.0).otherwise(centre + half)
    return lower.cast(RATE), upper.cast(RATE)


def poisson(events: Column, exposure: Column) -> tuple[Column, Column]:
    """The lower and upper limit of `events / exposure`, as double; null where the exposure is 0."""
    scale = 1.0 / F.nullif(exposure.cast("double"), F.lit(0.0))
    lower, upper = (F.pandas_udf(limit, "double")(events.cast("double")) for limit in (_lower, _upper))
    return lower * scale, upper * scale


def _lower(events: pd.Series) -> pd.Series:
    from scipy.special import gammaincinv  # noqa: PLC0415 - only where Python workers run

    return events.where(events == 0, gammaincinv(events.clip(lower=1), _TAIL))


def _upper(events: pd.Series) -> pd.Series:
    from scipy.special import gammaincinv  # noqa: PLC0415 - only where Python workers run

    return events * 0 + gammaincinv(events + 1, 1 - _TAIL)
