"""Rows of bronze that silver looks at again: those of new files, and earlier ones of the same keys.

A valid row that is neither published nor rejected lost to one that is, and loses to it again. So of earlier files only
those are read that a published or rejected row of a touched key came from: what a run costs follows from what arrived,
not from the length of history.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import reduce
from operator import or_

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from lakehouse.contract import Contract
from lakehouse.fhir.silver import RESOURCE_ID, resources
from lakehouse.records.cast import cast_columns
from lakehouse.steps.judged_again import at_positions, rejected_rows
from lakehouse.steps.run import Run
from lakehouse.steps.transforms import silver_rows
from lakehouse.storage.delta import read_if_exists

IS_NEW = "_is_new"
REPLACED = "_replaced"
_HASHES_WORTH_NAMING = 1000
"""A filter that names more files than this costs more than it spares."""


def typed_rows(contract: Contract, bronze: DataFrame) -> DataFrame:
    """Rows of the contract made of `bronze`, cast, with the rules that they break."""
    (source,) = contract.inputs
    return cast_columns(silver_rows(contract, source, bronze), contract)


@contextmanager
def touched_rows(
    spark: SparkSession,
    run: Run,
    contract: Contract,
    bronze: DataFrame,
    new_hashes: set[str],
    *,
    orphans: DataFrame | None,
    released: DataFrame | None,
) -> Iterator[DataFrame]:
    """Typed rows: every new one, and all that may win or be rejected of each key that is touched.

    Touched are the keys of new rows, of `orphans` and of the rows at the positions `released`; of those, the rows
    that have no key are looked at as well. The rows of new files are held while they are judged.
    """
    of_new = F.col("_source_hash").isin(sorted(new_hashes))
    new = typed_rows(contract, _marked(bronze.where(of_new), is_new=True)).persist()
    try:
        earlier = _marked(bronze.where(~of_new), is_new=False)
        named = new
        if released is not None:
            named = new.unionByName(_released_rows(contract, earlier, released))
        keys = named.select(*contract.primary_key)
        keys = (keys if orphans is None else keys.unionByName(orphans)).dropna().distinct()
        without_key = named.where(~F.col(IS_NEW) & _lacks_key(contract))
        again = _rows_of_keys(spark, run, contract, earlier, keys, released)
        rows = [new, *([again] if again is not None else []), *([without_key] if named is not new else [])]
        yield reduce(DataFrame.unionByName, rows)
    finally:
        new.unpersist()


def _marked(bronze: DataFrame, *, is_new: bool) -> DataFrame:
    return bronze.withColumn(IS_NEW, F.lit(is_new)).withColumn(REPLACED, F.lit(False))


def _released_rows(contract: Contract, earlier: DataFrame, released: DataFrame) -> DataFrame:
    hashes = _hashes(released)
    return at_positions(typed_rows(contract, earlier.where(F.col("_source_hash").isin(hashes))), released)


def _lacks_key(contract: Contract) -> Column:
    return reduce(or_, (F.col(column).isNull() for column in contract.primary_key))


def _rows_of_keys(
    spark: SparkSession,
    run: Run,
    contract: Contract,
    earlier: DataFrame,
    keys: DataFrame,
    released: DataFrame | None,
) -> DataFrame | None:
    """Earlier rows of the keys, from the files that count; None where there are none."""
    hashes = {*_hashes_of_keys(spark, run, contract, keys), *(() if released is None else _hashes(released))}
    if not hashes:
        return None
    if len(hashes) <= _HASHES_WORTH_NAMING:
        earlier = earlier.where(F.col("_source_hash").isin(sorted(hashes)))
    if view := contract.rules.viewDefinition:
        # Its key is known before the view is made, which is costly.
        ids = keys.withColumnRenamed(view.key, RESOURCE_ID)
        earlier = resources(view, earlier).join(ids, RESOURCE_ID, "left_semi")
    return typed_rows(contract, earlier).join(keys, contract.primary_key, "left_semi")


def _hashes_of_keys(spark: SparkSession, run: Run, contract: Contract, keys: DataFrame) -> list[str]:
    """The files of which a published or rejected row has one of the keys."""
    held = []
    if (published := read_if_exists(spark, run.uri(contract.address))) is not None:
        held.append(published.select(*contract.primary_key, "_source_hash"))
    if (rejected := rejected_rows(spark, run, contract)) is not None:
        key = F.from_json("key", contract.key_ddl).alias("key")
        held.append(rejected.select(key, "_source_hash").select("key.*", "_source_hash"))
    if not held:
        return []
    return _hashes(reduce(DataFrame.unionByName, held).join(keys, contract.primary_key, "left_semi"))


def _hashes(rows: DataFrame) -> list[str]:
    return sorted(row["_source_hash"] for row in rows.select("_source_hash").distinct().collect())
