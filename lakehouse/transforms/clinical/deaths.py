"""When patients died, as far as the data says."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from lakehouse.transforms.clinical.codes import DIED
from lakehouse.transforms.clinical.dates import DATE_PRECISION, local_date


def with_vital_status(inpatient_episode: DataFrame, patient: DataFrame, zone: str) -> DataFrame:
    """Silver inpatient_episode and patient → the episodes with death_date and is_death_undated.

    The date is `Patient.deceasedDateTime` where that names a day, in the time zone of the column `zone`, else the
    discharge of the stay in which the patient died (the first, should there be several). A patient who is said to be
    dead, by `deceasedBoolean` or by less than a day, and has neither, has an unknown vital status: no date is guessed.
    """
    in_hospital = inpatient_episode.where((F.col("discharge_disposition") == DIED) & ~F.col("is_open"))
    discharged = in_hospital.groupBy("patient_id").agg(F.min("discharge_date").alias("_discharged_dead"))
    people = patient.where(~F.col("is_deleted")).join(discharged, "patient_id", "left")
    known = inpatient_episode.join(people.select("patient_id", *_STATED, "_discharged_dead"), "patient_id")
    dated = known.withColumn("death_date", F.coalesce(stated_death(F.col(zone)), F.col("_discharged_dead")))
    is_undated = F.coalesce("is_deceased", F.lit(False)) & F.col("death_date").isNull()
    return dated.withColumn("is_death_undated", is_undated).drop(*_STATED, "_discharged_dead")


_STATED = ("is_deceased", "deceased_at", "deceased_at_precision", "deceased_date")


def stated_death(zone: Column) -> Column:
    """The local date of death that a patient's record names; null where it names no day."""
    at, precision, written = (F.col(name) for name in _STATED[1:])
    return F.when(precision >= DATE_PRECISION, local_date(at, precision, written, zone))
