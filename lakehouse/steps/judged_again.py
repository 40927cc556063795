"""Rejected rows that silver judges again though nothing new names their keys."""

from functools import reduce

from pyspark.sql import Column as SparkColumn
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from lakehouse.address import Address
from lakehouse.contract import Contract
from lakehouse.records.cast import typed_value
from lakehouse.records.references import missing_rule
from lakehouse.release import Release
from lakehouse.steps.run import Run
from lakehouse.storage import publication
from lakehouse.storage.delta import read_if_exists
from lakehouse.storage.rejections import POSITION


def orphans_with_parents(
    spark: SparkSession, run: Run, contract: Contract, parents: dict[Address, DataFrame]
) -> DataFrame | None:
    """Keys of rows once rejected for a missing parent that exists now; None where there are none."""
    rejected = rejected_rows(spark, run, contract) if contract.references else None
    if rejected is None:
        return None
    keys = F.from_json("key", contract.key_ddl).alias("key")
    waiting = rejected.select("rule", "raw", keys)
    kinds = {column.name: column.physicalType for column in contract.columns}
    adopted = [
        waiting.where(F.col("rule") == missing_rule(column))
        # What names the parent need not be in the key.
        .withColumn("parent", typed_value(F.get_json_object("raw", f"$.{column}"), kinds[column]))
        .join(
            parents[reference.address].select(F.col(reference.column).alias("parent")), "parent", "left_semi"
        )
        .select("key.*")
        for column, reference in contract.references.items()
    ]
    return _unless_empty(reduce(DataFrame.union, adopted).distinct())


def released_positions(spark: SparkSession, run: Run, contract: Contract) -> DataFrame | None:
    """Source positions of the rejected rows that the run releases; None where there are none.

    Positions, not keys: a row whose key did not parse has none yet, and may have another one now.
    """
    release = run.release
    if release is None or release.table != contract.name:
        return None
    rejected = rejected_rows(spark, run, contract)
    return None if rejected is None else _unless_empty(_selected(rejected, release).select(*POSITION))


def at_positions(rows: DataFrame, positions: DataFrame) -> DataFrame:
    """The rows that came from these source positions."""
    same = [F.col(f"rows.{name}").eqNullSafe(F.col(f"positions.{name}")) for name in POSITION]
    return rows.alias("rows").join(positions.alias("positions"), same, "left_semi")


def rejected_rows(spark: SparkSession, run: Run, contract: Contract) -> DataFrame | None:
    """The rejected rows that belong to what is published; None where there are none.

    A run that died after it had brought rejected/ up to date, and before its table, may have taken rows away that are
    published nowhere.
    """
    rejected = contract.address.at("rejected")
    found = publication.latest(run.uri(contract.address))
    version = found[1].beside.get(str(rejected)) if found else None
    if version is None:
        return read_if_exists(spark, run.uri(rejected))
    return spark.read.format("delta").option("versionAsOf", version).load(run.uri(rejected))


def _selected(rejected: DataFrame, release: Release) -> DataFrame:
    conditions = [
        F.col(column) == value
        for column in ("rule", "category", "run_id")
        if (value := getattr(release, column)) is not None
    ]
    if release.file is not None:
        conditions.append(_is_file(release.file))
    return reduce(DataFrame.where, conditions, rejected)


def _is_file(file: str) -> SparkColumn:
    name = F.element_at(F.split("_source_file", "/"), -1)
    return (F.col("_source_file") == file) | (name == file)


def _unless_empty(rows: DataFrame) -> DataFrame | None:
    return None if rows.isEmpty() else rows
