"""Central lines and urinary catheters: when they were in place."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from lakehouse.transforms.clinical.codes import is_in
from lakehouse.transforms.clinical.dates import DATE_PRECISION, local_date

IN_PLACE = ("completed", "in-progress")
DEVICES = {"clabsi_proxy": "central_lines", "cauti_proxy": "urinary_catheters"}
"""Event → the value set of the procedures that place the device."""
_HOURS_AHEAD = 14
"""Of a date without a time FHIRPath's `lowBoundary()` is midnight where it is earliest, at +14:00."""


def devices(procedure: DataFrame, stays: DataFrame) -> DataFrame:
    """Silver procedure and stays → encounter_id, event, placed, removed; local dates, `removed` null while in place."""
    done = procedure.where(~F.col("is_deleted") & F.col("status").isin(*IN_PLACE)).select(
        "encounter_id", "codes", "performed_start", "start_date", "performed_end", "end_date"
    )
    dated = done.join(stays.select("encounter_id", "zone"), "encounter_id").where("start_date is not null")
    of_event = (F.when(is_in(F.col("codes"), codes), F.lit(event)) for event, codes in DEVICES.items())
    return dated.select(
        "encounter_id",
        F.explode(F.array_compact(F.array(*of_event))).alias("event"),
        _local_date("performed_start", "start_date").alias("placed"),
        _local_date("performed_end", "end_date").alias("removed"),
    )


def _local_date(instant: str, written: str) -> Column:
    """Silver keeps no precision of a procedure's times: that of a date alone is told by its instant."""
    midnight = F.col(written).cast("timestamp") - F.make_dt_interval(hours=F.lit(_HOURS_AHEAD))
    precision = F.when(F.col(instant) == midnight, DATE_PRECISION).otherwise(DATE_PRECISION + 1)
    return local_date(F.col(instant), precision, F.col(written), F.col("zone"))
