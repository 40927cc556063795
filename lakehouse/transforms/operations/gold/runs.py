"""The run ledger."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from lakehouse.transforms.money import RATE, average


def transform(*, runs: DataFrame) -> DataFrame:
    """Silver's runs → operations.gold.runs."""
    share = average(F.col("rows_rejected"), F.col("rows_read"), 4).cast(RATE)
    return runs.withColumn("rejected_share", share)
