"""The initial population of a cohort: which encounters qualify, and when their hospitalisations began.

The rule is that of `hospitalizationWithObservationAndOutpatientSurgeryService` in CQMCommon, a library of CMS's
measures (https://ecqi.healthit.gov).
"""

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from lakehouse.transforms.clinical.codes import is_in
from lakehouse.transforms.clinical.cohort import Cohort
from lakehouse.transforms.clinical.dates import whole_years

_ERROR = "entered-in-error"


def initial_population(
    cohort: Cohort, encounter: DataFrame, patient: DataFrame, coverage: DataFrame
) -> DataFrame:
    """Silver encounter, patient and coverage → measure, encounter_id, patient_id, hospitalization_start (UTC).

    Days are dates as the source wrote them. When a coverage was valid is not asked, nor whether organisations exist.
    """
    known = encounter.where(~F.col("is_deleted"))
    people = patient.where(~F.col("is_deleted")).select("patient_id", "birth_date")
    qualifying = known.where(
        is_in(F.col("type_codes"), *cohort.encounter.types)
        & F.col("status").isin(*cohort.encounter.statuses)
        & F.col("end_date").between(cohort.measurement_period.start, cohort.measurement_period.end)
    ).join(people, "patient_id")
    aged = qualifying.where(_is_of_age(cohort, whole_years(F.col("birth_date"), F.col("start_date"))))
    visits = _with_start(aged, known, cohort)
    if cohort.shorter_than_days is not None:
        days = F.datediff("end_date", "hospitalization_start_date")
        visits = visits.where(days < cohort.shorter_than_days)
    if cohort.coverage_types:
        visits = visits.join(_covered(coverage, cohort.coverage_types), "patient_id", "left_semi")
    return visits.select(
        F.lit(cohort.measure).alias("measure"), "encounter_id", "patient_id", "hospitalization_start"
    )


def _is_of_age(cohort: Cohort, age: Column) -> Column:
    ages = cohort.age_at_start
    old_enough = age >= ages.minimum
    return old_enough if ages.maximum is None else old_enough & (age <= ages.maximum)


def _covered(coverage: DataFrame, types: tuple[str, ...]) -> DataFrame:
    stands = ~F.col("is_deleted") & ~F.coalesce(F.col("status") == _ERROR, F.lit(False))
    return coverage.where(stands & is_in(F.col("type_codes"), *types)).select("patient_id").distinct()


def _with_start(encounters: DataFrame, known: DataFrame, cohort: Cohort) -> DataFrame:
    """Add `hospitalization_start` and its date: those of the encounter, then of each visit that led to it."""
    found = encounters.withColumns(
        {"hospitalization_start": F.col("period_start"), "hospitalization_start_date": F.col("start_date")}
    )
    for value_set in cohort.preceded_by.visits:
        earlier = known.where(
            is_in(F.col("type_codes"), value_set) & F.col("status").isin(*cohort.encounter.statuses)
        ).select(
            F.col("patient_id").alias("_patient"),
            F.col("encounter_id").alias("_visit"),
            F.col("period_start").alias("_start"),
            F.col("start_date").alias("_start_date"),
            F.col("period_end").alias("_end"),
        )
        found = _extended(found, earlier, cohort.preceded_by.within_minutes)
    return found


def _extended(encounters: DataFrame, earlier: DataFrame, minutes: int) -> DataFrame:
    """Let the last visit that ended at most so long before the hospitalisation begin it."""
    since = F.col("hospitalization_start") - F.make_dt_interval(mins=F.lit(minutes))
    leads_to = (F.col("_patient") == F.col("patient_id")) & F.col("_end").between(
        since, F.col("hospitalization_start")
    )
    is_other = F.col("_visit") != F.col("encounter_id")
    joined = encounters.join(earlier, leads_to & is_other, "left")
    latest = Window.partitionBy("encounter_id").orderBy(F.col("_end").desc(), F.col("_start"), "_visit")
    chosen = joined.withColumn("_place", F.row_number().over(latest)).where("_place = 1")
    return chosen.withColumns(
        {
            "hospitalization_start": F.coalesce("_start", "hospitalization_start"),
            "hospitalization_start_date": F.coalesce("_start_date", "hospitalization_start_date"),
        }
    ).drop("_patient", "_visit", "_start", "_start_date", "_end", "_place")
