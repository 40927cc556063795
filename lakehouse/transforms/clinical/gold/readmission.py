"""Observed 30-day unplanned readmission per hospital, month of discharge, age band and sex."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from lakehouse.transforms.clinical.evidence import STRATUM
from lakehouse.transforms.clinical.intervals import rate, wilson
from lakehouse.transforms.clinical.readmission import readmission_evidence


def transform(*, inpatient_episode: DataFrame, patient: DataFrame, procedure: DataFrame) -> DataFrame:
    """Silver inpatient_episode, patient and procedure → clinical.gold.readmission."""
    evidence = readmission_evidence(inpatient_episode, patient, procedure).where("is_denominator")
    counted = evidence.groupBy(*STRATUM).agg(
        F.count_if("is_numerator").alias("numerator"), F.count("*").alias("denominator")
    )
    lower, upper = wilson(F.col("numerator"), F.col("denominator"))
    return counted.select(
        "*",
        rate(F.col("numerator"), F.col("denominator")).alias("rate"),
        lower.alias("rate_lower"),
        upper.alias("rate_upper"),
    )
