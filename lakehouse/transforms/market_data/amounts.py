"""Prices × quantities without rounding: Spark keeps 38 digits, and their product would have 47."""

from pyspark.sql import Column
from pyspark.sql import functions as F

QUOTE = "decimal(37,20)"


def quote_amount(price: Column, size: Column) -> Column:
    """The sum of price (decimal(20,10)) × size (decimal(27,10)), exact; whole units and fractions by themselves."""
    whole = F.floor(size).cast("decimal(17,0)")
    fraction = (size - whole).cast("decimal(10,10)")
    return (F.sum(price * whole).cast(QUOTE) + F.sum(price * fraction).cast(QUOTE)).cast(QUOTE)
