"""Positive specimens, each with the stay and the location in which it was taken."""

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from lakehouse.transforms.clinical.codes import is_in
from lakehouse.transforms.clinical.dates import DATE_PRECISION, local_date

FINAL = ("final", "amended", "corrected")
_LOCATIONS = "array<struct<location_id: string, start: string, end: string>>"
_WHOLE_DATE = 10


def positive_specimens(observation: DataFrame, stays: DataFrame) -> DataFrame:
    """Silver observation and stays → one row per positive result that stands and was taken in a stay.

    It is positive by its interpretation or, without one, by its value. It belongs to a stay of the patient whose local
    dates contain its own: the encounter that it names, else the first. One of which less than a day is known belongs
    to the encounter that it names.
    Columns: those of the stay, observation_id, codes, value_codes, taken_at, taken (the local date, null where it is
    not known), location.
    """
    stands = ~F.col("is_deleted") & F.col("status").isin(*FINAL)
    positive = observation.where(stands & _is_positive()).select(
        "observation_id",
        "patient_id",
        F.col("encounter_id").alias("_named"),
        "codes",
        "value_codes",
        F.col("effective_at").alias("taken_at"),
        "effective_date",
        "effective_precision",
    )
    date = local_date(*map(F.col, ("taken_at", "effective_precision", "effective_date", "zone")))
    taken = F.when(F.col("effective_precision") >= DATE_PRECISION, date)
    is_named = F.coalesce(F.col("encounter_id") == F.col("_named"), F.lit(False))
    during = (F.col("taken") >= F.col("admission_date")) & (
        F.col("discharge_date").isNull() | (F.col("taken") <= F.col("discharge_date"))
    )
    found = positive.join(stays, "patient_id").withColumn("taken", taken)
    found = found.where(during | (F.col("taken").isNull() & is_named))
    preferred = Window.partitionBy("observation_id").orderBy(
        is_named.desc(), "admitted_at", F.col("discharged_at").asc_nulls_last(), "encounter_id"
    )
    chosen = found.withColumn("_place", F.row_number().over(preferred)).where("_place = 1")
    return chosen.withColumn("location", _location()).drop(
        "_named", "_place", "effective_date", "effective_precision"
    )


def _is_positive() -> Column:
    by_value = F.coalesce("interpretation_codes", F.lit("")) == ""
    return is_in(F.col("interpretation_codes"), "positive") | (
        by_value & is_in(F.col("value_codes"), "positive_results", "mrsa")
    )


def _location() -> Column:
    """The last of the stay's locations whose dates contain that of the specimen, else the hospital."""
    locations = F.from_json("locations", _LOCATIONS)
    there = F.filter(locations, lambda place: _contains(place["start"], place["end"], F.col("taken")))
    return F.coalesce(F.try_element_at(there, F.lit(-1))["location_id"], F.col("hospital_id"))


def _contains(start: Column, end: Column, day: Column) -> Column:
    return (start.isNull() | (_day(start) <= day)) & (end.isNull() | (_day(end) >= day))


def _day(text: Column) -> Column:
    """The local date of a date or dateTime of FHIR as it came."""
    at_zone = F.to_date(F.from_utc_timestamp(text.try_cast("timestamp"), F.col("zone")))
    is_timed = F.col("zone").isNotNull() & (F.length(text) > _WHOLE_DATE)
    return F.when(is_timed, at_zone).otherwise(F.substring(text, 1, _WHOLE_DATE).try_cast("date"))
