"""For every candidate of every measure whether it counts and why not, under keyed hashes of the ids."""

from functools import reduce

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from lakehouse.transforms.clinical.evidence import STRATUM
from lakehouse.transforms.clinical.infection import infection_evidence
from lakehouse.transforms.clinical.length_of_stay import length_of_stay_evidence
from lakehouse.transforms.clinical.mortality import mortality_evidence
from lakehouse.transforms.clinical.pseudonyms import evidence_key
from lakehouse.transforms.clinical.readmission import readmission_evidence
from lakehouse.transforms.clinical.stays import stays


def transform(
    *,
    encounter: DataFrame,
    organization: DataFrame,
    patient: DataFrame,
    inpatient_episode: DataFrame,
    condition: DataFrame,
    procedure: DataFrame,
    observation: DataFrame,
) -> DataFrame:
    """Silver → clinical.gold.measure_evidence; raises EvidenceKeyError where the key is missing."""
    key = evidence_key()
    admitted = stays(encounter, organization, patient)
    evidence = reduce(
        DataFrame.unionByName,
        (
            mortality_evidence(inpatient_episode, patient, condition),
            readmission_evidence(inpatient_episode, patient, procedure),
            length_of_stay_evidence(admitted).drop("days"),
            infection_evidence(admitted, observation, procedure),
        ),
    )
    return evidence.select(
        "measure",
        key.hash(F.col("resource")).alias("resource_hash"),
        key.hash(F.concat(F.lit("Patient/"), "patient_id")).alias("subject_hash"),
        *STRATUM,
        "is_denominator",
        "is_numerator",
        "reason",
    )
