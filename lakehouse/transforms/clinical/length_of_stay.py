"""How many days stays lasted."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from lakehouse.transforms.clinical.dates import month_of
from lakehouse.transforms.clinical.evidence import STRATUM

MEASURE = "average_length_of_stay"


def length_of_stay_evidence(stays: DataFrame) -> DataFrame:
    """Stays → evidence with the `days` of each, one row per stay; out are those that are `open`.

    Days are discharge date − admission date; a same-day stay is one day. A stay that counts is in the denominator as a
    discharge and in the numerator with its days.
    """
    days = F.greatest(F.datediff("discharge_date", "admission_date"), F.lit(1)).cast("bigint")
    closed = ~F.col("is_open")
    return stays.withColumn("month", month_of(F.col("discharge_date"))).select(
        F.lit(MEASURE).alias("measure"),
        *STRATUM,
        "patient_id",
        F.concat(F.lit("Encounter/"), "encounter_id").alias("resource"),
        closed.alias("is_denominator"),
        closed.alias("is_numerator"),
        F.when(~closed, "open").alias("reason"),
        F.when(closed, days).alias("days"),
    )
