"""Observed 30-day all-cause mortality after admission: which episodes count, and who died.

After CMS's condition-specific mortality measures (https://qualitynet.cms.gov/inpatient/measures/mortality/methodology),
without their risk standardisation, and for any cause of admission. CMS draws one admission a patient and year at
random; here it is the first, so that a repeated computation gives the same, and one death counts once.
"""

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from lakehouse.transforms.clinical.codes import (
    AGAINST_ADVICE,
    HOSPICE,
    TRANSFERRED_IN,
    is_error,
)
from lakehouse.transforms.clinical.deaths import vital_status
from lakehouse.transforms.clinical.evidence import first_reason, of_episodes
from lakehouse.transforms.clinical.value_set import is_in

MEASURE = "mortality"
DAYS = 30
UNKNOWN_VITAL_STATUS = "unknown_vital_status"


def mortality_evidence(inpatient_episode: DataFrame, patient: DataFrame, condition: DataFrame) -> DataFrame:
    """Silver inpatient_episode, patient and condition → evidence, one row per closed episode.

    Out are, by the first reason that holds: `transferred_in`; `against_advice`; `hospice_on_admission_day` (a condition
    in the value set hospice of that date, or discharged to hospice on it); `same_day_alive` (one stay, discharged on
    the day of admission, not dead on it); `unknown_vital_status`; `later_in_period` (not the patient's first admission
    that is left in the calendar year). In the numerator is who died 0 to 30 days after the admission date.
    """
    closed = inpatient_episode.where(~F.col("is_open"))
    known = closed.join(vital_status(inpatient_episode, patient), "patient_id").join(
        _hospice_days(condition), ["patient_id", "admission_date"], "left"
    )
    judged = known.withColumn("_out", first_reason(_exclusions()))
    in_year = Window.partitionBy("patient_id", F.year("admission_date"), F.col("_out").isNull())
    place = F.row_number().over(in_year.orderBy("admitted_at", "episode_id"))
    out = F.when(F.col("_out").isNull() & (place > 1), "later_in_period").otherwise(F.col("_out"))
    died = F.datediff("death_date", "admission_date").between(0, DAYS)
    counted = judged.withColumn("reason", out).withColumn("is_denominator", F.col("reason").isNull())
    told = counted.withColumn("is_numerator", F.col("is_denominator") & died)
    return of_episodes(told, MEASURE, "admitting_hospital_id", "admission_date")


def _exclusions() -> dict[str, Column]:
    same_day = F.col("discharge_date") == F.col("admission_date")
    died_that_day = F.coalesce(F.col("death_date") == F.col("admission_date"), F.lit(False))
    to_hospice = (F.col("discharge_disposition") == HOSPICE) & same_day
    return {
        "transferred_in": F.col("admit_source") == TRANSFERRED_IN,
        "against_advice": F.col("discharge_disposition") == AGAINST_ADVICE,
        "hospice_on_admission_day": F.col("is_hospice").isNotNull() | to_hospice,
        "same_day_alive": same_day & (F.col("stays") == 1) & ~died_that_day,
        UNKNOWN_VITAL_STATUS: F.col("is_death_undated"),
    }


def _hospice_days(condition: DataFrame) -> DataFrame:
    """Dates on which a patient was given palliative care, by onset or else by record: patient_id, admission_date."""
    valid = ~F.col("is_deleted") & ~is_error(F.col("verification_status"))
    days = condition.where(valid & is_in(F.col("codes"), "hospice")).select(
        "patient_id", F.coalesce("onset_date", "recorded_date").alias("admission_date")
    )
    return days.distinct().withColumn("is_hospice", F.lit(True))
