"""The one rounding rule of the lakehouse: sum / count, rounded half up, computed in whole numbers.

Spark's avg(decimal(18,2)) and Trino's round differently, and a quotient that is rounded twice can be a unit off.
Half up is away from zero, as `round` in Spark and the decimal division of Trino and Athena do it.
"""

from pyspark.sql import Column
from pyspark.sql import functions as F

MONEY = "decimal(18,2)"
RATE = "decimal(9,4)"
_WHOLE = "decimal(20,0)"


def cents(amount: Column) -> Column:
    """A decimal(18,2) as whole cents."""
    return (amount * 100).cast("bigint")


def money(whole_cents: Column) -> Column:
    """Whole cents as decimal(18,2)."""
    return _shifted(whole_cents, 2).cast(MONEY)


def average(total: Column, count: Column, digits: int) -> Column:
    """`total / count` with `digits` decimals, rounded half up; whole numbers in, null where count is 0."""
    # Decimals: the largest amount that silver accepts, times 200, is more than a bigint holds.
    size = F.abs(count).cast(_WHOLE)
    half_up = F.call_function("div", F.abs(total).cast(_WHOLE) * (2 * 10**digits) + size, size * 2)
    sign = (F.signum(total) * F.signum(count)).cast("bigint")
    return F.when(count != 0, _shifted(sign * half_up, digits))


def _shifted(whole: Column, digits: int) -> Column:
    return whole.cast(_WHOLE) / F.lit(10**digits)
