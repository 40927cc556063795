"""What a table stores, against its contract: it keeps the columns and the partitioning that it was made with.

Publishing casts to what is stored, and would round an amount or fail half-way where the contract has changed since.
"""

from delta.tables import DeltaTable
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from lakehouse.contract import Contract
from lakehouse.storage import delta_log
from lakehouse.storage.delta import read_if_exists, replace_partitions


class StoredColumnsError(RuntimeError):
    """A table whose columns are not those of its contract; the message names them."""


def require_stored_columns(spark: SparkSession, uri: str, contract: Contract) -> None:
    """Raises StoredColumnsError where rows of the contract cannot be merged into the table at `uri`."""
    if differences := _differences(spark, uri, contract):
        raise StoredColumnsError(
            f"{contract.address}: {'; '.join(differences)}. Nothing was written. "
            "Start a run with a full refresh, which replaces the table and its columns"
        )


def replace_whole(rows: DataFrame, uri: str, contract: Contract) -> None:
    """Replace all rows in one commit, and the table's columns and partitioning where the contract's have changed."""
    spark = rows.sparkSession
    if not _differences(spark, uri, contract) and is_partitioned_as_stated(spark, uri, contract):
        replace_partitions(rows, uri, None, None)
        return
    comments = {column.name: {"comment": column.description} for column in contract.columns}
    described = rows.select(
        *(F.col(name).alias(name, metadata=comments.get(name, {})) for name in rows.columns)
    )
    writer = described.write.format("delta").mode("overwrite").option("overwriteSchema", "true")
    writer.partitionBy(*contract.partition_by).save(uri)


def is_partitioned_as_stated(spark: SparkSession, uri: str, contract: Contract) -> bool:
    """Whether the table at `uri` is partitioned as its contract says; where there is none it will be."""
    if delta_log.version(uri) is None:
        return True
    stored: list[str] = DeltaTable.forPath(spark, uri).detail().first()["partitionColumns"]
    return stored == contract.partition_by


def _differences(spark: SparkSession, uri: str, contract: Contract) -> list[str]:
    table = read_if_exists(spark, uri)
    if table is None:
        return []
    stored = {f.name: f.dataType.simpleString() for f in table.schema if not f.name.startswith("_")}
    stated = {f.name: f.dataType.simpleString() for f in StructType.fromDDL(contract.ddl)}
    return [
        f"the table stores {name} as {stored.get(name, 'nothing')}, its contract says {stated.get(name, 'nothing')}"
        for name in sorted({*stored, *stated})
        if stored.get(name) != stated.get(name)
    ]
