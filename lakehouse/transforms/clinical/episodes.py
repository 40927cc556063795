"""Episodes: stays of a patient that a transfer joins to one.

A transfer is an admission to a different acute facility on the day of discharge or the next, as CMS's outcome measures
have it (Hospital-Wide Readmission and condition-specific mortality methodology,
https://qualitynet.cms.gov/inpatient/measures). An admission to the same hospital on the same day for the same principal
diagnosis continues the stay; one on the next day is a readmission.
"""

from pyspark.sql import Column, DataFrame, Window, WindowSpec
from pyspark.sql import functions as F

from lakehouse.fhir.value_set import ICD_10_CM
from lakehouse.transforms.clinical.codes import DIED, first_token, is_error

_ENDLESS = "9999-12-31"
_KEPT = (
    "encounter_id",
    "hospital_id",
    "zone",
    "admitted_at",
    "discharged_at",
    "admission_date",
    "discharge_date",
    "admit_source",
    "discharge_disposition",
    "principal_diagnosis",
    "is_open",
    "age",
    "sex",
)


def with_principal_diagnosis(stays: DataFrame, condition: DataFrame) -> DataFrame:
    """Add `principal_diagnosis`: the token of ICD-10-CM of the stay's principal diagnosis; null where unknown."""
    known = condition.where(~F.col("is_deleted") & ~is_error(F.col("verification_status")))
    diagnoses = known.select(
        F.col("condition_id").alias("principal_diagnosis_id"),
        first_token(F.col("codes"), ICD_10_CM).alias("principal_diagnosis"),
    )
    return stays.join(diagnoses, "principal_diagnosis_id", "left")


def episodes(stays: DataFrame) -> DataFrame:
    """Stays with their principal diagnosis → clinical.silver.inpatient_episode, one row per episode.

    Stays are taken in the order of (start, end, id). The next one joins the running episode if it
    begins before that ends, or by a transfer from the stay that ends it, or continues that. Nothing joins after a
    death. An episode's last stay is the one that ends last, one in which the patient died before all others.
    """
    order = [F.col("admitted_at"), F.col("discharged_at").asc_nulls_last(), F.col("encounter_id")]
    of_patient = Window.partitionBy("patient_id").orderBy(*order)
    died_before = F.coalesce(F.lag("discharge_disposition").over(of_patient) == DIED, F.lit(False))
    lives = stays.withColumn("_life", _running_count(died_before, of_patient))
    of_life = Window.partitionBy("patient_id", "_life").orderBy(*order)
    begun = lives.withColumn("_begins", ~F.coalesce(_joins(of_life), F.lit(False)))
    numbered = begun.select(
        "*",
        _running_count(F.col("_begins"), of_life).alias("_episode"),
        F.row_number().over(of_life).alias("_position"),
    )
    died = F.coalesce(F.col("discharge_disposition") == DIED, F.lit(False))
    ranked = numbered.withColumn("_last", F.struct(died, _end(), F.col("_position")))
    merged = ranked.groupBy("patient_id", "_life", "_episode").agg(
        F.count("*").cast("int").alias("stays"),
        F.max("admission_date").alias("last_stay_admission_date"),
        F.min_by(F.struct(*_KEPT), F.col("_position")).alias("first"),
        F.max_by(F.struct(*_KEPT), F.col("_last")).alias("last"),
    )
    return merged.select(
        F.col("first.encounter_id").alias("episode_id"),
        "patient_id",
        F.col("first.encounter_id").alias("first_encounter_id"),
        F.col("last.encounter_id").alias("last_encounter_id"),
        "stays",
        "first.admitted_at",
        "last.discharged_at",
        "first.admission_date",
        "last.discharge_date",
        F.col("first.hospital_id").alias("admitting_hospital_id"),
        F.col("last.hospital_id").alias("discharging_hospital_id"),
        F.col("first.zone").alias("admitting_time_zone"),
        F.col("last.zone").alias("discharging_time_zone"),
        "first.admit_source",
        "last.discharge_disposition",
        F.col("first.principal_diagnosis").alias("first_principal_diagnosis"),
        F.col("last.principal_diagnosis").alias("last_principal_diagnosis"),
        "last.is_open",
        F.col("first.age").alias("age_at_admission"),
        "first.sex",
        "last_stay_admission_date",
    )


def _joins(of_life: WindowSpec) -> Column:
    """Whether a stay joins; a time of day that one of two does not tell orders nothing within a day."""
    names = (
        "hospital_id",
        "discharge_date",
        "discharged_at",
        "is_discharged_at_a_time",
        "principal_diagnosis",
    )
    earlier = of_life.rowsBetween(Window.unboundedPreceding, -1)
    before = F.max_by(F.struct(*names), _end()).over(earlier)
    is_open = before.isNotNull() & before["discharge_date"].isNull()
    days_after = F.datediff("admission_date", before["discharge_date"])
    are_timed = F.col("is_admitted_at_a_time") & before["is_discharged_at_a_time"]
    begins_before = F.when(are_timed, F.col("admitted_at") < before["discharged_at"]).otherwise(
        days_after < 0
    )
    is_elsewhere = F.col("hospital_id") != before["hospital_id"]
    is_same_cause = F.col("principal_diagnosis") == before["principal_diagnosis"]
    continues = F.when(is_elsewhere, days_after <= 1).otherwise((days_after == 0) & is_same_cause)
    return is_open | begins_before | continues


def _running_count(flag: Column, window: WindowSpec) -> Column:
    return F.sum(flag.cast("int")).over(window.rowsBetween(Window.unboundedPreceding, Window.currentRow))


def _end() -> Column:
    return F.coalesce("discharged_at", F.lit(_ENDLESS).cast("timestamp"))
