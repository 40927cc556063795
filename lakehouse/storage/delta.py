"""Delta tables: made from their contract, written by one writer each, published by one commit."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from urllib.parse import unquote

from delta.tables import DeltaTable, DeltaTableBuilder
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from lakehouse.contract import LINEAGE, Contract
from lakehouse.storage import delta_log
from lakehouse.storage.conflicts import CONFLICTS

# Readers in Athena, Trino and delta-rs read reader version 1: no deletion vectors, no v2 checkpoints, no mapping.
PLAIN = {"delta.enableDeletionVectors": "false", "delta.checkpointPolicy": "classic"}


def read_if_exists(spark: SparkSession, uri: str) -> DataFrame | None:
    """The table at `uri`, or None."""
    return None if delta_log.version(uri) is None else spark.read.format("delta").load(uri)


def rows_apart(one: DataFrame, other: DataFrame, uri: str) -> tuple[DataFrame, DataFrame]:
    """Of two versions of the table at `uri` the rows in files that the other does not consist of.

    The files are read as they are, which PLAIN allows: Delta would open all of a version's to find some.
    """
    of_one, of_other = ({unquote(file) for file in frame.inputFiles()} for frame in (one, other))
    return _of_files(one, uri, of_one - of_other), _of_files(other, uri, of_other - of_one)


def _of_files(table: DataFrame, uri: str, files: Collection[str]) -> DataFrame:
    if not files:
        return table.limit(0)
    return table.sparkSession.read.schema(table.schema).option("basePath", uri).parquet(*sorted(files))


def write_candidate(rows: DataFrame, uri: str) -> None:
    """Write a candidate as a Delta table of its own; Delta commits without renames, which S3 lacks."""
    rows.write.format("delta").mode("overwrite").option("overwriteSchema", "true").save(uri)


@contextmanager
def read_candidate(spark: SparkSession, uri: str) -> Iterator[DataFrame]:
    """A written candidate, read back once and held for as long as it is judged."""
    rows = spark.read.format("delta").load(uri).persist()
    try:
        yield rows
    finally:
        rows.unpersist()


def ensure_table(
    spark: SparkSession, uri: str, contract: Contract, extra: dict[str, str] | None = None
) -> DeltaTable:
    """The contract's table, created where there is none; `extra` are columns that the engine adds, name → type."""
    return create(spark, uri, lambda: _builder(spark, uri, contract, extra or {}))


def _builder(spark: SparkSession, uri: str, contract: Contract, extra: dict[str, str]) -> DeltaTableBuilder:
    builder = DeltaTable.createIfNotExists(spark).location(uri).comment(contract.description.purpose)
    for column in contract.columns:
        builder = builder.addColumn(column.name, column.physicalType, comment=column.description)
    for name, kind in extra.items():
        builder = builder.addColumn(name, kind)
    for key, value in {**PLAIN, **retention_properties(contract)}.items():
        builder = builder.property(key, value)
    if contract.partition_by and contract.address.layer != "bronze":
        builder = builder.partitionedBy(*contract.partition_by)
    return builder


def retention_properties(contract: Contract) -> dict[str, str]:
    """Table properties by which old versions stay as long as the contract says; the log goes with checkpoints."""
    retention = f"interval {contract.retention_days} days"
    return {"delta.logRetentionDuration": retention, "delta.deletedFileRetentionDuration": retention}


def set_properties(spark: SparkSession, uri: str, properties: Mapping[str, str]) -> None:
    """Give a table these properties in a commit of their own; raises one of CONFLICTS."""
    listed = ", ".join(f"{literal(name)} = {literal(value)}" for name, value in properties.items())
    spark.sql(f"ALTER TABLE delta.`{uri}` SET TBLPROPERTIES ({listed})")


def create(spark: SparkSession, uri: str, build: Callable[[], DeltaTableBuilder]) -> DeltaTable:
    """The table at `uri`, built where there is none; another writer may make it at the same time.

    A writer that died may have left an empty log, which Delta takes for a table that it then does not find.
    """
    if delta_log.version(uri) is None:
        delta_log.remove_folder_marks(uri)
        try:
            return build().execute()
        except CONFLICTS:
            pass  # it is there now
    return DeltaTable.forPath(spark, uri)


def merge_delta(
    df: DataFrame, path: str, key_cols: list[str], partition_col: str | Sequence[str] | None
) -> None:
    """Upsert `df` into the table at `path` by `key_cols`; a row that is the same stays untouched.

    Only partitions that hold one of the keys, before or after, are read. Raises ValueError where `df` holds a key
    twice: Delta would pick one of them or fail half-way.
    """
    spark = df.sparkSession
    _refuse_repeated_keys(df, key_cols, path)
    target = DeltaTable.forPath(spark, path)
    if target.toDF().isEmpty():
        df.write.format("delta").mode("append").save(path)
        return
    same_key = [f"target.`{key}` = source.`{key}`" for key in key_cols]
    if partition_col:
        columns = [partition_col] if isinstance(partition_col, str) else list(partition_col)
        same_key.append(_within_partitions(df, target.toDF(), key_cols, columns))
    compared = [name for name in df.columns if name != "_ingested_at"]
    same_row = " AND ".join(f"target.`{name}` <=> source.`{name}`" for name in compared)
    (
        target.alias("target")
        .merge(df.alias("source"), " AND ".join(same_key))
        .whenMatchedUpdateAll(f"NOT ({same_row})")
        .whenNotMatchedInsertAll()
        .execute()
    )


def _within_partitions(df: DataFrame, target: DataFrame, key_cols: list[str], columns: list[str]) -> str:
    """A condition that prunes the merge; a record whose partition changed is found in its old one too."""
    held = target.join(df.select(*key_cols), key_cols, "left_semi").select(*columns)
    touched = held.union(df.select(*columns)).distinct()
    rows = touched.select(*(F.col(column).cast("string") for column in columns)).collect()
    if not rows:
        return "false"
    values = ({row[position] for row in rows} for position in range(len(columns)))
    return " AND ".join(
        f"target.`{column}` IN ({', '.join(map(literal, sorted(found)))})"
        for column, found in zip(columns, values, strict=True)
    )


def literal(text: str) -> str:
    """The text as Spark SQL writes it."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _refuse_repeated_keys(df: DataFrame, key_cols: list[str], path: str) -> None:
    repeated = df.groupBy(*key_cols).count().where("count > 1").count()
    if repeated:
        raise ValueError(
            f"{path}: {repeated} keys ({', '.join(key_cols)}) occur twice in the candidate; not merged"
        )


def replace_partitions(
    df: DataFrame, path: str, partition_col: str | None, values: Sequence[str | None] | None
) -> None:
    """Replace the whole table (`values` None) or exactly the named partitions by `df`, in one commit."""
    writer = df.write.format("delta").mode("overwrite")
    if partition_col and values is not None:
        writer = writer.option("replaceWhere", is_in_partitions(partition_col, values))
    writer.save(path)


def is_in_partitions(column: str, values: Sequence[str | None]) -> str:
    """The condition that a partition column has one of these values, None for null, as Spark SQL writes it."""
    listed = ", ".join(literal(value) for value in values if value is not None)
    conditions = [f"`{column}` IN ({listed})"] if listed else []
    return " OR ".join([*conditions, *([f"`{column}` IS NULL"] if None in values else [])])


def lineage_columns(layer: str) -> dict[str, str]:
    """Columns that the engine adds to a contract's own: gold has none."""
    if layer == "bronze":
        return {**LINEAGE, "_unexpected_columns": "string"}
    return dict(LINEAGE) if layer == "silver" else {}
