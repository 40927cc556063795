"""Stays: encounters of patients who were admitted to acute care, with the dates of the hospital's time zone."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from lakehouse.transforms.clinical.dates import DATE_PRECISION, local_date, whole_years, zones
from lakehouse.transforms.clinical.strata import age_band, sex_or_unknown

CLASSES = ("IMP", "ACUTE")
CLOSED = ("finished", "completed")
OPEN = ("in-progress", "onleave", "on-hold")
"""Statuses of Encounter in R4, then those that R5 calls `completed` and `on-hold`."""


def stays(encounter: DataFrame, organization: DataFrame, patient: DataFrame) -> DataFrame:
    """Silver encounter, organization and patient → one row per stay.

    A stay is an encounter of class IMP or ACUTE that is finished with an end, or in progress, has a start and a
    hospital (its service provider), and is of a patient who is known; nothing deleted. One that is in progress, or has
    no end yet, is open: `discharged_at` and `discharge_date` are null. A start or end without a time is the beginning
    of its local date, and one without a day of the first that it can be; no end is before the start. What is part of
    another stay of the patient, as that in a unit, is none of its own.

    Columns: encounter_id, patient_id, hospital_id, zone, admitted_at, is_admitted_at_a_time, discharged_at,
    is_discharged_at_a_time, admission_date, discharge_date, is_open, admit_source, discharge_disposition,
    principal_diagnosis_id, locations, age (whole years at the admission date), age_band, sex, birth_date.
    """
    people = patient.where(~F.col("is_deleted")).select(
        "patient_id", "birth_date", sex_or_unknown(F.col("sex")).alias("sex")
    )
    admitted = (
        F.col("class_code").isin(*CLASSES)
        & F.col("status").isin(*CLOSED, *OPEN)
        & F.col("period_start").isNotNull()
        & F.col("organization_id").isNotNull()
    )
    found = _without_parts(encounter.where(~F.col("is_deleted") & admitted))
    dated = found.join(zones(organization), "organization_id", "left").select(
        "encounter_id",
        "patient_id",
        F.col("organization_id").alias("hospital_id"),
        "zone",
        _instant(*map(F.col, ("period_start", "period_start_precision", "start_date", "zone"))).alias(
            "admitted_at"
        ),
        (F.col("period_start_precision") > DATE_PRECISION).alias("is_admitted_at_a_time"),
        _instant(*map(F.col, ("period_end", "period_end_precision", "end_date", "zone"))).alias("_end"),
        (F.col("period_end_precision") > DATE_PRECISION).alias("is_discharged_at_a_time"),
        local_date(*map(F.col, ("period_start", "period_start_precision", "start_date", "zone"))).alias(
            "admission_date"
        ),
        local_date(*map(F.col, ("period_end", "period_end_precision", "end_date", "zone"))).alias(
            "_end_date"
        ),
        (F.col("status").isin(*OPEN) | F.col("period_end").isNull()).alias("is_open"),
        "admit_source",
        "discharge_disposition",
        "principal_diagnosis_id",
        "locations",
    )
    aged = dated.join(people, "patient_id").withColumn(
        "age", whole_years(F.col("birth_date"), F.col("admission_date"))
    )
    return aged.select(
        "*",
        F.when(~F.col("is_open"), F.greatest("admitted_at", "_end")).alias("discharged_at"),
        F.when(~F.col("is_open"), F.greatest("admission_date", "_end_date")).alias("discharge_date"),
        age_band(F.col("age")).alias("age_band"),
    ).drop("_end", "_end_date")


def _instant(instant: Column, precision: Column, written: Column, zone: Column) -> Column:
    midnight = F.to_utc_timestamp(written, F.coalesce(zone, F.lit("UTC")))
    return F.when(precision > DATE_PRECISION, instant).otherwise(midnight)


def _without_parts(admitted: DataFrame) -> DataFrame:
    """Encounters that are not part of another of them, of the same patient."""
    wholes = admitted.select("patient_id", F.col("encounter_id").alias("part_of_id"))
    is_part = (
        (F.col("part.patient_id") == F.col("whole.patient_id"))
        & (F.col("part.part_of_id") == F.col("whole.part_of_id"))
        & (F.col("part.encounter_id") != F.col("whole.part_of_id"))
    )
    return admitted.alias("part").join(wholes.alias("whole"), is_part, "left_anti")
