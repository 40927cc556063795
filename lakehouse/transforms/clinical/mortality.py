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
    TRANSFERRED_OUT,
    is_error,
    is_in,
)
from lakehouse.transforms.clinical.dates import local_date
from lakehouse.transforms.clinical.deaths import with_vital_status
from lakehouse.transforms.clinical.evidence import first_reason, of_episodes

MEASURE = "mortality"
DAYS = 30
UNKNOWN_VITAL_STATUS = "unknown_vital_status"


def mortality_evidence(inpatient_episode: DataFrame, patient: DataFrame, condition: DataFrame) -> DataFrame:
    """Silver inpatient_episode, patient and condition → evidence, one row per episode.

    Out are, by the first reason that holds: `open`; `transferred_in`; `against_advice`; `hospice_on_admission_day` (a
    condition in the value set hospice of that date, or discharged to hospice on it); `same_day_alive` (discharged on
    the day of admission, not dead on it, without a transfer); `unknown_vital_status`; `later_in_period` (not the
    patient's first admission that is left in the calendar year); `death_counted_before` (in the year before). In the
    numerator is who died 0 to 30 days after the admission date.
    """
    known = with_vital_status(inpatient_episode, patient, "admitting_time_zone").join(
        _on_hospice(inpatient_episode, condition), "episode_id", "left"
    )
    first = known.withColumn("_out", first_reason(_exclusions()))
    in_year = Window.partitionBy("patient_id", F.year("admission_date"), F.col("_out").isNull())
    order = ("admitted_at", "episode_id")
    place = F.row_number().over(in_year.orderBy(*order))
    later = F.when(F.col("_out").isNull() & (place > 1), "later_in_period")
    died = F.coalesce(F.datediff("death_date", "admission_date").between(0, DAYS), F.lit(False))
    judged = first.withColumn("_out", F.coalesce("_out", later)).withColumn("_died", died)
    of_indexes = Window.partitionBy("patient_id", F.col("_out").isNull()).orderBy(*order)
    counted_before = F.when(F.col("_out").isNull() & F.lag("_died").over(of_indexes), "death_counted_before")
    told = judged.withColumn("reason", F.coalesce("_out", counted_before)).withColumn(
        "is_denominator", F.col("reason").isNull()
    )
    counted = told.withColumn("is_numerator", F.col("is_denominator") & F.col("_died"))
    return of_episodes(counted, MEASURE, "admitting_hospital_id", "admission_date")


def _exclusions() -> dict[str, Column]:
    disposition = F.coalesce("discharge_disposition", F.lit(""))
    same_day = F.col("discharge_date") == F.col("admission_date")
    died_that_day = F.coalesce(F.col("death_date") == F.col("admission_date"), F.lit(False))
    transferred = (disposition == TRANSFERRED_OUT) | (
        F.col("admitting_hospital_id") != F.col("discharging_hospital_id")
    )
    return {
        "open": F.col("is_open"),
        "transferred_in": F.col("admit_source") == TRANSFERRED_IN,
        "against_advice": disposition == AGAINST_ADVICE,
        "hospice_on_admission_day": F.col("is_hospice").isNotNull() | ((disposition == HOSPICE) & same_day),
        "same_day_alive": same_day & ~transferred & ~died_that_day,
        UNKNOWN_VITAL_STATUS: F.col("is_death_undated"),
    }


def _on_hospice(inpatient_episode: DataFrame, condition: DataFrame) -> DataFrame:
    """Episodes with palliative care on the admission date, by onset or else by record: episode_id, is_hospice."""
    valid = ~F.col("is_deleted") & ~is_error(F.col("verification_status"))
    given = condition.where(valid & is_in(F.col("codes"), "hospice")).select(
        "patient_id", "onset_at", "onset_precision", "onset_date", "recorded_date"
    )
    onset = local_date(*map(F.col, ("onset_at", "onset_precision", "onset_date", "admitting_time_zone")))
    on_admission = F.coalesce(onset, "recorded_date") == F.col("admission_date")
    found = inpatient_episode.join(given, "patient_id").where(on_admission)
    return found.select("episode_id", F.lit(True).alias("is_hospice")).distinct()
