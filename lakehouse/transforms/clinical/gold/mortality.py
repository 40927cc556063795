"""Observed 30-day mortality per hospital, month of admission, age band and sex."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from lakehouse.transforms.clinical.evidence import STRATUM, end_of_data
from lakehouse.transforms.clinical.intervals import rate, wilson
from lakehouse.transforms.clinical.mortality import DAYS, UNKNOWN_VITAL_STATUS, mortality_evidence


def transform(*, inpatient_episode: DataFrame, patient: DataFrame, condition: DataFrame) -> DataFrame:
    """Silver inpatient_episode, patient and condition → clinical.gold.mortality."""
    counted = (
        mortality_evidence(inpatient_episode, patient, condition)
        .groupBy(*STRATUM)
        .agg(
            F.count_if("is_numerator").alias("numerator"),
            F.count_if("is_denominator").alias("denominator"),
            F.count_if(F.col("reason") == UNKNOWN_VITAL_STATUS).alias("unknown_vital_status"),
        )
        .where("denominator > 0 or unknown_vital_status > 0")
    )
    lower, upper = wilson(F.col("numerator"), F.col("denominator"))
    followed_up = F.date_add(F.last_day("month"), DAYS) <= F.col("end_of_data")
    return counted.crossJoin(end_of_data(inpatient_episode)).select(
        *STRATUM,
        "numerator",
        "denominator",
        rate(F.col("numerator"), F.col("denominator")).alias("rate"),
        lower.alias("rate_lower"),
        upper.alias("rate_upper"),
        "unknown_vital_status",
        followed_up.alias("is_complete"),
    )
