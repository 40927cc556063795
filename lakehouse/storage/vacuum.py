"""VACUUM where a table has files that no version within its recovery window consists of."""

from collections.abc import Iterator
from datetime import datetime

from delta.tables import DeltaTable
from pyspark.sql import SparkSession

from lakehouse.session import session_of_its_own
from lakehouse.storage.delta_log import LogExpiredError
from lakehouse.storage.objects.factory import store_at
from lakehouse.storage.snapshot import Snapshot, snapshot

_CONF = {
    # Of its own accord Spark lists each folder by a task of its own, up to 10,000 at once: 46 s where this takes 4.
    "spark.sql.sources.parallelPartitionDiscovery.parallelism": "4",
    "spark.databricks.delta.vacuum.parallelDelete.enabled": "true",
    # Its two commits would make every candidate stale that is made meanwhile.
    "spark.databricks.delta.vacuum.logging.enabled": "false",
}


def removable_files(uri: str, table: Snapshot, before: datetime) -> dict[str, int]:
    """File → bytes of what VACUUM removes: what is older, and was removed, or never committed, before that instant."""
    oldest = before.timestamp() * 1000
    return {
        path: size
        for path, size, modified in _data_files(uri)
        if path not in table.live and modified < before and table.removed.get(path, 0) < oldest
    }


def files_of(uri: str, version: int) -> set[str]:
    """The files of a version; none, where the log does not tell them any more and so nobody can read it."""
    try:
        found = snapshot(uri, version)
    except LogExpiredError:
        return set()
    return set(found.live) if found else set()


def vacuum(spark: SparkSession, uri: str) -> None:
    """Remove the files of no version within the time for which the table's own properties keep them."""
    spark = session_of_its_own(spark)
    for name, value in _CONF.items():
        spark.conf.set(name, value)
    DeltaTable.forPath(spark, uri).vacuum()


def _data_files(uri: str) -> Iterator[tuple[str, int, datetime]]:
    """Path, bytes and time of every file that is neither of the log nor hidden."""
    store, folder = store_at(uri)
    for file in store.files(folder):
        path = file.path.removeprefix(f"{folder}/")
        if not any(part[0] in "_." for part in path.split("/") if part):
            yield path, file.size, file.modified
