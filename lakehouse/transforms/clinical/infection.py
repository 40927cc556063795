"""Healthcare-associated infections by laboratory results: events, and the days on which there could be one.

After NHSN's Patient Safety Component Manual (https://www.cdc.gov/nhsn/pdfs/pscmanual/pcsmanual_current.pdf): LabID
events of chapter 12 (C. difficile and MRSA bacteraemia), whose onset in a healthcare facility is day 4 or later, the
day of admission being day 1, and of which a repeat within 14 days is none. The device-associated infections of
chapters 4 and 7 need symptoms and judgement; `clabsi_proxy` and `cauti_proxy` only look at cultures and devices.
"""

from dataclasses import dataclass

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from lakehouse.transforms.clinical.codes import is_in
from lakehouse.transforms.clinical.dates import month_of
from lakehouse.transforms.clinical.devices import DEVICES, devices
from lakehouse.transforms.clinical.evidence import STRATUM, first_reason
from lakehouse.transforms.clinical.specimens import positive_specimens

ONSET_DAY = 4
"""First day of a stay on which an infection counts as the hospital's; the day of admission is day 1."""
DEVICE_DAY = 3
"""First day of a device on which an infection counts as the device's; the day it was placed is day 1."""
REPEAT_DAYS = 14


@dataclass(frozen=True)
class Event:
    """An event: value sets of the test and of what it must find, and for how many days its rate is told."""

    name: str
    tests: str
    per: int
    finds: str | None = None


EVENTS = (
    Event("cdi_labid", "cdi_tests", 10_000),
    Event("mrsa_bacteremia_labid", "blood_cultures", 1000, "mrsa"),
    Event("clabsi_proxy", "blood_cultures", 1000),
    Event("cauti_proxy", "urine_cultures", 1000),
)


def infection_evidence(stays: DataFrame, observation: DataFrame, procedure: DataFrame) -> DataFrame:
    """Stays, silver observation and procedure → evidence, one row per positive specimen and event that it may be.

    No event is, by the first reason that holds: `undated` (less than a day is known of when it was taken);
    `before_day_4` of the stay (LabID events); `no_device` in place on the date or the day before, for its third day or
    longer (proxies); `within_14_days` after a positive specimen of the same patient, location and event, whether that
    was an event or not.
    """
    specimens = positive_specimens(observation, stays).withColumn(
        "event", F.explode(F.array_compact(F.array(*map(_if_found, EVENTS))))
    )
    in_place = (
        devices(procedure, stays)
        .groupBy("encounter_id", "event")
        .agg(F.collect_list(F.struct("placed", "removed")).alias("devices"))
    )
    candidates = specimens.join(in_place, ["encounter_id", "event"], "left")
    alike = Window.partitionBy("patient_id", "location", "event").orderBy(
        "taken", "taken_at", "observation_id"
    )
    before = F.max("taken").over(alike.rowsBetween(Window.unboundedPreceding, -1))
    needs_device = F.col("event").isin(*DEVICES)
    judged = candidates.withColumn(
        "_out",
        first_reason(
            {
                "undated": F.col("taken").isNull(),
                "before_day_4": ~needs_device & (F.datediff("taken", "admission_date") + 1 < ONSET_DAY),
                "no_device": needs_device & ~_is_of_device(),
                "within_14_days": F.datediff("taken", before) <= REPEAT_DAYS,
            }
        ),
    )
    return judged.select(
        F.col("event").alias("measure"),
        "hospital_id",
        month_of(F.col("taken")).alias("month"),
        "age_band",
        "sex",
        "patient_id",
        F.concat(F.lit("Observation/"), "observation_id").alias("resource"),
        F.lit(False).alias("is_denominator"),
        F.col("_out").isNull().alias("is_numerator"),
        F.col("_out").alias("reason"),
    )


def days_at_risk(stays: DataFrame, procedure: DataFrame) -> DataFrame:
    """Stays and silver procedure → stratum, event, denominator: patient-days of LabID events, device-days of proxies.

    A stay's days are its dates but that of discharge, of a same-day stay the one, of an open one all through the end of
    data. A device's are counted alike, within the stay's; a day with two devices of a kind is one.
    """
    of_stay = stays.crossJoin(end_of_stays(stays)).select(
        "encounter_id",
        "hospital_id",
        "age_band",
        "sex",
        "admission_date",
        F.coalesce(_last_day("admission_date", "discharge_date"), F.col("end_of_data")).alias("_last"),
    )
    labid = [F.lit(event.name) for event in EVENTS if event.name not in DEVICES]
    patient_days = of_stay.select(
        "*", F.explode(F.array(*labid)).alias("event"), _dates(F.col("admission_date"), F.col("_last"))
    )
    placed = of_stay.join(devices(procedure, stays), "encounter_id")
    first = F.greatest("placed", "admission_date")
    until = F.least(F.coalesce(_last_day("placed", "removed"), F.col("_last")), F.col("_last"))
    device_days = placed.where(first <= until).select("*", _dates(first, until))
    keys = ("encounter_id", "event", "date", "hospital_id", "age_band", "sex")
    dates = patient_days.select(*keys).union(device_days.select(*keys).distinct())
    counted = dates.groupBy("hospital_id", month_of(F.col("date")).alias("month"), "age_band", "sex", "event")
    return counted.agg(F.count("*").alias("denominator")).select(*STRATUM, "event", "denominator")


def end_of_stays(stays: DataFrame) -> DataFrame:
    """The latest local date on which any stay began or ended, as the one row of `end_of_data`."""
    return stays.agg(F.greatest(F.max("admission_date"), F.max("discharge_date")).alias("end_of_data"))


def _if_found(event: Event) -> Column:
    tested = is_in(F.col("codes"), event.tests)
    found = is_in(F.concat_ws(" ", "codes", "value_codes"), event.finds) if event.finds else F.lit(True)
    return F.when(tested & found, F.lit(event.name))


def _is_of_device() -> Column:
    def explains(device: Column) -> Column:
        in_place = device["removed"].isNull() | (F.date_add(device["removed"], 1) >= F.col("taken"))
        return in_place & (F.datediff("taken", device["placed"]) + 1 >= DEVICE_DAY)

    return F.coalesce(F.exists("devices", explains), F.lit(False))


def _last_day(start: str, end: str) -> Column:
    """The day before the end, or the only day; null without an end."""
    return F.when(F.col(end).isNotNull(), F.greatest(F.col(start), F.date_sub(end, 1)))


def _dates(first: Column, last: Column) -> Column:
    return F.explode(F.sequence(first, last)).alias("date")
