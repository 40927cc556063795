"""When patients died, as far as the data says."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from lakehouse.transforms.clinical.codes import DIED
from lakehouse.transforms.clinical.dates import DATE_PRECISION


def vital_status(inpatient_episode: DataFrame, patient: DataFrame) -> DataFrame:
    """Silver inpatient_episode and patient → patient_id, death_date, is_death_undated; one row per patient.

    The date is `Patient.deceasedDateTime` where that names a day, else the discharge of the stay in which the patient
    died (the first, should there be several). A patient who is said to be dead, by `deceasedBoolean` or by less than a
    day, and has neither, has an unknown vital status: no date is guessed.
    """
    in_hospital = inpatient_episode.where((F.col("discharge_disposition") == DIED) & ~F.col("is_open"))
    discharged = in_hospital.groupBy("patient_id").agg(F.min("discharge_date").alias("_discharged_dead"))
    people = patient.where(~F.col("is_deleted")).join(discharged, "patient_id", "left")
    dated = people.withColumn("death_date", F.coalesce(stated_death(), F.col("_discharged_dead")))
    is_undated = F.coalesce("is_deceased", F.lit(False)) & F.col("death_date").isNull()
    return dated.select("patient_id", "death_date", is_undated.alias("is_death_undated"))


def stated_death() -> Column:
    """The date of death that a patient's record names; null where it names no day."""
    return F.when(F.col("deceased_at_precision") >= DATE_PRECISION, F.col("deceased_date"))
