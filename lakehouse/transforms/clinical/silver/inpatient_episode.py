"""Stays merged to episodes where a transfer joins them."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from lakehouse.transforms.clinical.deaths import stated_death
from lakehouse.transforms.clinical.episodes import episodes, with_principal_diagnosis
from lakehouse.transforms.clinical.stays import stays


def transform(
    *, encounter: DataFrame, condition: DataFrame, organization: DataFrame, patient: DataFrame
) -> DataFrame:
    """Silver encounter, condition, organization and patient → clinical.silver.inpatient_episode."""
    found = episodes(with_principal_diagnosis(stays(encounter, organization, patient), condition))
    deaths = patient.select("patient_id", "deceased_at", "deceased_at_precision", "deceased_date")
    died = stated_death(F.col("admitting_time_zone"))
    is_after_death = F.coalesce(F.col("admission_date") > died, F.lit(False)).alias("is_after_death")
    return found.join(deaths, "patient_id", "left").select(*found.columns, is_after_death)
