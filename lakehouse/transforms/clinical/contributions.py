"""What patients contribute to the tables that are kept by month: rows of which nothing depends on other patients.

But for the end of data, which all share.
"""

from collections.abc import Callable, Collection, Mapping

from pyspark.sql import DataFrame

from lakehouse.transforms.clinical.infection import days_at_risk, infection_evidence
from lakehouse.transforms.clinical.length_of_stay import length_of_stay_evidence
from lakehouse.transforms.clinical.mortality import mortality_evidence
from lakehouse.transforms.clinical.readmission import readmission_evidence
from lakehouse.transforms.clinical.silver_version import SilverVersion


def _mortality(silver: SilverVersion) -> DataFrame:
    return mortality_evidence(silver.episodes, silver["patient"], silver["condition"])


def _readmission(silver: SilverVersion) -> DataFrame:
    return readmission_evidence(silver.episodes, silver["patient"], silver["procedure"])


def _length_of_stay(silver: SilverVersion) -> DataFrame:
    return length_of_stay_evidence(silver.stays)


def _infection(silver: SilverVersion) -> DataFrame:
    return infection_evidence(silver.stays, silver["observation"], silver["procedure"])


def _days_at_risk(silver: SilverVersion) -> DataFrame:
    return days_at_risk(silver.stays, silver["procedure"])


CONTRIBUTIONS: Mapping[str, Callable[[SilverVersion], DataFrame]] = {
    "mortality": _mortality,
    "readmission": _readmission,
    "infection": _infection,
    "days_at_risk": _days_at_risk,
    "length_of_stay": _length_of_stay,
}
"""With a column `month` each, which is null of what is not counted in any."""
MADE_OF: Mapping[str, Collection[str]] = {
    "mortality": ("mortality",),
    "readmission": ("readmission",),
    "infection": ("infection", "days_at_risk"),
    "average_length_of_stay": ("length_of_stay",),
    "measure_evidence": ("mortality", "readmission", "infection", "length_of_stay"),
}
"""Table → of which contributions its rows are a choice, or sums."""
