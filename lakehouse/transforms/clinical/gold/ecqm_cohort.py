"""Initial populations of electronic clinical quality measures: every cohort that is declared."""

from functools import reduce

from pyspark.sql import DataFrame

from lakehouse.transforms.clinical.cohort import cohorts
from lakehouse.transforms.clinical.hospitalization import initial_population


def transform(*, encounter: DataFrame, patient: DataFrame, coverage: DataFrame) -> DataFrame:
    """Silver encounter, patient and coverage → clinical.gold.ecqm_cohort."""
    found = (initial_population(cohort, encounter, patient, coverage) for cohort in cohorts())
    return reduce(DataFrame.unionByName, found)
