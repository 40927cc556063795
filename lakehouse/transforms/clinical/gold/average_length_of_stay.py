"""Length of stay per hospital, month of discharge, age band and sex."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from lakehouse.transforms.clinical.evidence import STRATUM
from lakehouse.transforms.clinical.intervals import RATE, rate
from lakehouse.transforms.clinical.length_of_stay import length_of_stay_evidence
from lakehouse.transforms.clinical.stays import stays


def transform(*, encounter: DataFrame, organization: DataFrame, patient: DataFrame) -> DataFrame:
    """Silver encounter, organization and patient → clinical.gold.average_length_of_stay."""
    days = F.col("days")
    counted = (
        length_of_stay_evidence(stays(encounter, organization, patient))
        .where("is_denominator")
        .groupBy(*STRATUM)
        .agg(
            F.count("*").alias("discharges"),
            F.sum("days").alias("patient_days"),
            F.sum(days * days).alias("_squares"),
            F.percentile(days, F.lit(0.5)).alias("_median"),
            F.percentile(days, F.lit(0.9)).alias("_p90"),
        )
    )
    return counted.select(
        *STRATUM,
        "discharges",
        "patient_days",
        rate(F.col("patient_days"), F.col("discharges")).alias("mean_days"),
        _standard_deviation().alias("standard_deviation_days"),
        F.col("_median").cast(RATE).alias("median_days"),
        F.col("_p90").cast(RATE).alias("p90_days"),
    )


def _standard_deviation() -> Column:
    """Of a sample, from whole sums, so that no order of the rows shows; null for one discharge."""
    count, total, squares = (
        F.col(name).cast("decimal(18,0)") for name in ("discharges", "patient_days", "_squares")
    )
    scaled = (count * squares - total * total).cast("double")
    return F.when(count > 1, F.sqrt(scaled / (count * (count - 1)).cast("double"))).cast(RATE)
