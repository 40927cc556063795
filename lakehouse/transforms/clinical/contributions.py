"""What patients contribute to the tables that are kept by month: rows of which nothing depends on other patients.

But for the end of data, which all share. A table's rows are these, or sums of these.
"""

from collections.abc import Callable, Mapping
from functools import reduce

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from lakehouse.transforms.clinical.evidence import STRATUM
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


def _infection_evidence(silver: SilverVersion) -> DataFrame:
    return infection_evidence(silver.stays, silver["observation"], silver["procedure"])


def _infection(silver: SilverVersion) -> DataFrame:
    events = _infection_evidence(silver).where("is_numerator")
    days = days_at_risk(silver.stays, silver["procedure"])
    return events.select(*STRATUM, F.col("measure").alias("event"), F.lit(None).alias("days")).union(
        days.select(*STRATUM, "event", F.col("denominator").alias("days"))
    )


def _all_evidence(silver: SilverVersion) -> DataFrame:
    parts = (
        _mortality(silver),
        _readmission(silver),
        _length_of_stay(silver).drop("days"),
        _infection_evidence(silver),
    )
    return reduce(DataFrame.unionByName, parts)


CONTRIBUTIONS: Mapping[str, Callable[[SilverVersion], DataFrame]] = {
    "mortality": _mortality,
    "readmission": _readmission,
    "infection": _infection,
    "average_length_of_stay": _length_of_stay,
    "measure_evidence": _all_evidence,
}
"""Table → its contributions, with a column `month`, which is null of what is not counted in any."""
