"""Calendar dates of a facility: its time zone decides what a day is."""

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

DATE_PRECISION = 8
"""Digits of a whole date, as FHIRPath's `precision()` counts them; more digits tell a time of day."""


def known_zones(spark: SparkSession) -> list[str]:
    """Names of time zones that this Java knows, whose database may be older than the source's: others are errors."""
    java = spark.sparkContext._jvm.java
    names: str = java.lang.String.join(" ", java.time.ZoneId.getAvailableZoneIds())
    return names.split()


def zones(organization: DataFrame) -> DataFrame:
    """The time zone of each organisation that states one that is known: organization_id, zone."""
    known = known_zones(organization.sparkSession)
    stated = organization.where(~F.col("is_deleted") & F.col("time_zone").isin(*known))
    return stated.select("organization_id", F.col("time_zone").alias("zone"))


def local_date(instant: Column, precision: Column, written: Column, zone: Column) -> Column:
    """The date of an instant (UTC) in the facility's zone.

    Where the zone is unknown, or the source tells no time of day, it is the date as the source wrote it.
    """
    is_timed = zone.isNotNull() & (precision > DATE_PRECISION)
    return F.when(is_timed, F.to_date(F.from_utc_timestamp(instant, zone))).otherwise(written)


def month_of(date: Column) -> Column:
    """The first of a date's month."""
    return F.to_date(F.date_trunc("month", date))


def whole_years(birth_date: Column, date: Column) -> Column:
    """Age in whole years on a date; who was born on 29 February has birthday on 1 March in other years."""
    before_birthday = F.date_format(date, "MMdd") < F.date_format(birth_date, "MMdd")
    return F.year(date) - F.year(birth_date) - before_birthday.cast("int")
