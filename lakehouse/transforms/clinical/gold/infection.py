"""Healthcare-associated infections per hospital, month, age band, sex and event."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from lakehouse.transforms.clinical.evidence import STRATUM
from lakehouse.transforms.clinical.infection import EVENTS, days_at_risk, infection_evidence
from lakehouse.transforms.clinical.intervals import RATE, poisson, rate
from lakehouse.transforms.clinical.predicted import MINIMUM, predicted_events
from lakehouse.transforms.clinical.stays import stays

_KEY = [*STRATUM, "event"]


def transform(
    *,
    encounter: DataFrame,
    organization: DataFrame,
    patient: DataFrame,
    observation: DataFrame,
    procedure: DataFrame,
) -> DataFrame:
    """Silver encounter, organization, patient, observation and procedure → clinical.gold.infection."""
    admitted = stays(encounter, organization, patient)
    events = infection_evidence(admitted, observation, procedure).where("is_numerator")
    counted = events.withColumnRenamed("measure", "event").groupBy(*_KEY).agg(F.count("*").alias("numerator"))
    rows = (
        days_at_risk(admitted, procedure)
        .join(counted, _KEY, "full")
        .fillna(0, ["numerator", "denominator"])
        .join(predicted_events(encounter.sparkSession), _KEY, "left")
    )
    per = F.create_map(*(F.lit(part) for event in EVENTS for part in (event.name, event.per)))
    told = rows.withColumn("per", per[F.col("event")].cast("bigint"))
    numerator, denominator = F.col("numerator"), F.col("denominator")
    lower, upper = poisson(numerator, denominator)
    ratio = numerator.cast("double") / F.col("predicted").cast("double")
    return told.select(
        *_KEY,
        "numerator",
        "denominator",
        "per",
        rate(numerator * F.col("per"), denominator).alias("rate"),
        (lower * F.col("per")).cast(RATE).alias("rate_lower"),
        (upper * F.col("per")).cast(RATE).alias("rate_upper"),
        "predicted",
        F.when(F.col("predicted") >= MINIMUM, ratio).cast(RATE).alias("sir"),
    )
