"""Observed 30-day unplanned readmission: which discharges count, and which were followed by a readmission.

After CMS's Hospital-Wide All-Cause Unplanned Readmission measure
(https://qualitynet.cms.gov/inpatient/measures/readmission/methodology), without its risk standardisation and service
lines. Planned readmissions follow its algorithm, with the small value sets of this package in place of the categories
of AHRQ's CCSR.
"""

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from lakehouse.transforms.clinical.codes import AGAINST_ADVICE, DIED, TRANSFERRED_OUT, is_in
from lakehouse.transforms.clinical.deaths import with_vital_status
from lakehouse.transforms.clinical.evidence import end_of_data, first_reason, of_episodes

MEASURE = "readmission"
DAYS = 30


def readmission_evidence(inpatient_episode: DataFrame, patient: DataFrame, procedure: DataFrame) -> DataFrame:
    """Silver inpatient_episode, patient and procedure → evidence, one row per episode.

    No index are, by the first reason that holds: `open`; `died` (in the stay or by the discharge date);
    `transferred_out`; `against_advice`; `psychiatric`, `rehabilitation`, `cancer` (principal diagnosis of the last
    stay); `right_censored` (fewer than 30 days before the end of data). Of the others, the patient's next episode
    is in the numerator if it begins 0 to 30 days after the discharge date, unless it is a `planned_readmission`; no
    later one counts.
    """
    planned = inpatient_episode.join(_planned_procedures(procedure), "first_encounter_id", "left")
    arrival = F.struct("admission_date", _is_planned().alias("is_planned"))
    in_order = Window.partitionBy("patient_id").orderBy("admitted_at", "episode_id")
    followed = planned.withColumn("_next", F.lead(arrival).over(in_order))
    known = with_vital_status(followed, patient, "discharging_time_zone").crossJoin(
        end_of_data(inpatient_episode)
    )
    out = first_reason(_exclusions())
    is_back = F.datediff("_next.admission_date", "discharge_date").between(0, DAYS)
    is_planned_return = is_back & F.col("_next.is_planned")
    told = known.select(
        "*",
        out.isNull().alias("is_denominator"),
        (out.isNull() & is_back & ~F.col("_next.is_planned")).alias("is_numerator"),
        F.coalesce(out, F.when(is_planned_return, "planned_readmission")).alias("reason"),
    )
    return of_episodes(told, MEASURE, "discharging_hospital_id", "discharge_date")


def _exclusions() -> dict[str, Column]:
    disposition, diagnosis = F.col("discharge_disposition"), F.col("last_principal_diagnosis")
    return {
        "open": F.col("is_open"),
        "died": (disposition == DIED) | (F.col("death_date") <= F.col("discharge_date")),
        "transferred_out": disposition == TRANSFERRED_OUT,
        "against_advice": disposition == AGAINST_ADVICE,
        "psychiatric": is_in(diagnosis, "psychiatric"),
        "rehabilitation": is_in(diagnosis, "rehabilitation"),
        "cancer": is_in(diagnosis, "cancer"),
        "right_censored": F.date_add("discharge_date", DAYS) > F.col("end_of_data"),
    }


def _planned_procedures(procedure: DataFrame) -> DataFrame:
    """What was done in each encounter: first_encounter_id, is_always_planned, is_potentially_planned."""
    done = procedure.where(~F.col("is_deleted") & (F.col("status") == "completed"))
    of_encounter = done.groupBy(F.col("encounter_id").alias("first_encounter_id"))
    return of_encounter.agg(
        F.bool_or(is_in(F.col("codes"), "always_planned_procedures")).alias("is_always_planned"),
        F.bool_or(is_in(F.col("codes"), "potentially_planned_procedures")).alias("is_potentially_planned"),
    )


def _is_planned() -> Column:
    """Whether the admission to an episode was planned, by its first stay; without a diagnosis it is not acute."""
    diagnosis = F.col("first_principal_diagnosis")
    always = F.coalesce("is_always_planned", F.lit(False)) | is_in(
        diagnosis, "maintenance_chemotherapy", "rehabilitation"
    )
    potentially = F.coalesce("is_potentially_planned", F.lit(False))
    return always | (potentially & ~is_in(diagnosis, "acute_diagnoses"))
