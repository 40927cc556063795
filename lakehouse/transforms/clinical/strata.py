"""What every measure is stratified by: age band and sex."""

from pyspark.sql import Column
from pyspark.sql import functions as F

UNKNOWN = "unknown"
_UPPER_AGES = {17: "0-17", 44: "18-44", 64: "45-64", 74: "65-74", 84: "75-84"}


def age_band(age: Column) -> Column:
    """The band of an age in whole years; `unknown` where it is unknown or negative."""
    band = F.when(age.isNull() | (age < 0), UNKNOWN)
    for upper, name in _UPPER_AGES.items():
        band = band.when(age <= upper, name)
    return band.otherwise("85+")


def sex_or_unknown(sex: Column) -> Column:
    """The administrative gender; `unknown` where it is absent."""
    return F.coalesce(sex, F.lit(UNKNOWN))
