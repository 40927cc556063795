"""Tables of silver as they were and as they are, by Delta version."""

from pyspark.sql import DataFrame, SparkSession

from lakehouse.address import Address
from lakehouse.contract import load
from lakehouse.steps.run import Run
from lakehouse.storage import delta_log
from lakehouse.storage.delta import rows_apart
from lakehouse.transforms.scope import Change


def rows_at(spark: SparkSession, run: Run, address: Address, version: int) -> DataFrame:
    """The columns of the table's contract; raises AnalysisException where that version lacks one."""
    return _stored(spark, run, address, version).select(*load(address).column_names)


def change_of(spark: SparkSession, run: Run, address: Address, before: int, now: int) -> Change | None:
    """What happened between two versions; None where it is not known, or the columns were others."""
    uri = run.uri(address)
    try:
        files = delta_log.changes(uri, before, now)
    except delta_log.LogExpiredError:
        return None
    was, columns = _stored(spark, run, address, before), load(address).column_names
    if not {*columns} <= {*was.columns}:
        return None
    was, is_now = was.select(*columns), rows_at(spark, run, address, now)
    return Change(
        before=was,
        after=is_now,
        apart=lambda: rows_apart(was, is_now, uri),
        partitions=[*files.added.values(), *files.removed.values()],
    )


def _stored(spark: SparkSession, run: Run, address: Address, version: int) -> DataFrame:
    return spark.read.format("delta").option("versionAsOf", version).load(run.uri(address))
