"""OPTIMIZE where a table's files call for it: small files become few, rows of a partition come in Z-order."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from delta.tables import DeltaTable
from pyspark.sql import SparkSession

from lakehouse.session import session_of_its_own
from lakehouse.storage import delta_log
from lakehouse.storage.delta import literal
from lakehouse.storage.snapshot import Partition, Snapshot


@dataclass(frozen=True)
class Layout:
    """How a table's files should be."""

    target_bytes: int
    z_order: tuple[str, ...] = ()

    @property
    def small_below(self) -> int:
        """Bytes. Two files that are smaller than half the target make one that is not larger than it."""
        return self.target_bytes // 2


@dataclass(frozen=True)
class Rewrite:
    """What to rewrite, and why."""

    partitions: tuple[Partition, ...]
    files: int
    """All files of the partitions that are not yet as they should be."""
    reason: str


def small_files(table: Snapshot, layout: Layout) -> set[str]:
    return {path for path, file in table.live.items() if file.size < layout.small_below}


def needed_rewrite(uri: str, table: Snapshot, layout: Layout) -> Rewrite | None:
    """The partitions that reading gains from rewriting; None where there are none.

    Without Z-order those with several small files. With it, those of several files of which some are out of order:
    rewriting a partition orders all of its files, large ones too.
    """
    found, least, what = small_files(table, layout), 2, "small files"
    if layout.z_order:
        found, least, what = _out_of_order(uri, table, layout.z_order), 1, "files out of Z-order"
    files = Counter(file.partition for file in table.live.values())
    counted = Counter(table.live[path].partition for path in found)
    worth = {p: count for p, count in counted.items() if count >= least and files[p] > 1}
    if not worth:
        return None
    count = sum(worth.values())
    return Rewrite(tuple(worth), count, f"{count} {what} in {len(worth)} partitions")


def _out_of_order(uri: str, table: Snapshot, columns: tuple[str, ...]) -> set[str]:
    """Files that came since the last OPTIMIZE by these columns; all, where the log holds none."""
    try:
        for version in range(table.version, -1, -1):
            info = delta_log.commit_info(uri, version)
            if _orders_by(info, columns):
                # What was committed while it ran, it did not see.
                return table.live.keys() & delta_log.changes(uri, info["readVersion"], table.version).added
    except delta_log.LogExpiredError:
        pass
    return set(table.live)


def _orders_by(info: Mapping[str, Any], columns: tuple[str, ...]) -> bool:
    parameters = info.get("operationParameters", {})
    return info.get("operation") == "OPTIMIZE" and json.loads(parameters.get("zOrderBy", "[]")) == [*columns]


def optimize(spark: SparkSession, uri: str, rewrite: Rewrite, layout: Layout) -> None:
    """Rewrite the partitions in one commit that changes no data; raises one of CONFLICTS."""
    spark = session_of_its_own(spark)
    spark.conf.set("spark.databricks.delta.optimize.maxFileSize", layout.target_bytes)
    spark.conf.set("spark.databricks.delta.optimize.minFileSize", layout.small_below)
    builder = DeltaTable.forPath(spark, uri).optimize()
    for column, values in _values(rewrite.partitions).items():
        if None not in values:  # an IN finds no null, so all of the column's partitions are looked at
            builder = builder.where(f"`{column}` IN ({', '.join(sorted(literal(str(v)) for v in values))})")
    builder.executeZOrderBy(*layout.z_order) if layout.z_order else builder.executeCompaction()


def _values(partitions: Iterable[Partition]) -> dict[str, set[str | None]]:
    values: dict[str, set[str | None]] = {}
    for column, value in (pair for partition in partitions for pair in partition):
        values.setdefault(column, set()).add(value)
    return values
