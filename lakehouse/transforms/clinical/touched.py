"""Patients whose stays, or what is known of them, a change of silver's tables touched."""

from collections.abc import Iterator, Mapping
from functools import reduce

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from lakehouse.transforms.clinical.silver_version import SilverVersion
from lakehouse.transforms.scope import Change

_OF_PATIENTS = {"patient", "encounter", "condition", "observation"}
"""Tables whose rows count for the patient that they name."""
_OF_ENCOUNTERS = {
    "condition": ("condition_id", "principal_diagnosis_id"),
    "procedure": ("encounter_id", "encounter_id"),
    "organization": ("organization_id", "organization_id"),
}
"""Tables whose rows count for encounters: by which of their columns, and by which of the encounter's."""


def touched_patients(before: SilverVersion, after: SilverVersion, changes: Mapping[str, Change]) -> DataFrame:
    """The patients (patient_id) of rows that changed, and of the encounters that these count for; of one or more."""
    found = [patients for table in changes for patients in _of_table(before, after, table, changes[table])]
    return reduce(DataFrame.union, found)


def differing(one: DataFrame, other: DataFrame) -> DataFrame:
    """The rows of which one frame has more than the other."""
    counted = one.withColumn("_more", F.lit(1)).unionByName(other.withColumn("_more", F.lit(-1)))
    return counted.groupBy(*one.columns).agg(F.sum("_more").alias("_more")).where("_more <> 0").drop("_more")


def _of_table(before: SilverVersion, after: SilverVersion, table: str, change: Change) -> Iterator[DataFrame]:
    rows = differing(*change.apart())
    if table in _OF_PATIENTS:
        yield rows.select("patient_id")
    if table in _OF_ENCOUNTERS:
        column, named = _OF_ENCOUNTERS[table]
        keys = rows.select(F.col(column).alias(named))
        for silver in (before, after):
            yield silver["encounter"].join(keys, named, "left_semi").select("patient_id")
