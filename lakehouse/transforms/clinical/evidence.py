"""Evidence: for every candidate of a measure whether it counts, and why not. A measure's figures are its sums.

So the table `measure_evidence` and the measures can never disagree.
"""

from collections.abc import Mapping

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from lakehouse.transforms.clinical.dates import month_of
from lakehouse.transforms.clinical.strata import age_band, sex_or_unknown

STRATUM = ("hospital_id", "month", "age_band", "sex")
COLUMNS = (
    "measure",
    *STRATUM,
    "patient_id",
    "resource",
    "is_denominator",
    "is_numerator",
    "reason",
)
"""`resource` is a reference such as `Encounter/<id>`. `reason` says why a candidate is not in the denominator, or in
the denominator alone though something happened; it is null where there is nothing to tell."""


def first_reason(conditions: Mapping[str, Column]) -> Column:
    """The name of the first condition that holds; null where none does."""
    return F.coalesce(*(F.when(condition, F.lit(name)) for name, condition in conditions.items()))


def of_episodes(episodes: DataFrame, measure: str, hospital: str, date: str) -> DataFrame:
    """Evidence about episodes with `is_denominator`, `is_numerator` and `reason`, by the month of a date."""
    return episodes.select(
        F.lit(measure).alias("measure"),
        F.col(hospital).alias("hospital_id"),
        month_of(F.col(date)).alias("month"),
        age_band(F.col("age_at_admission")).alias("age_band"),
        sex_or_unknown(F.col("sex")).alias("sex"),
        "patient_id",
        F.concat(F.lit("Encounter/"), "first_encounter_id").alias("resource"),
        "is_denominator",
        F.coalesce("is_numerator", F.lit(False)).alias("is_numerator"),
        "reason",
    )


def end_of_data(inpatient_episode: DataFrame) -> DataFrame:
    """The latest local date on which any stay began or ended, as the one row of `end_of_data`."""
    return inpatient_episode.agg(
        F.greatest(F.max("last_stay_admission_date"), F.max("discharge_date")).alias("end_of_data")
    )
