"""rejected/<table>: rows that were refused, each with category, rule, raw values and source position."""

from delta.tables import DeltaTable, DeltaTableBuilder
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from lakehouse.contract import LINEAGE, Contract
from lakehouse.records.cast import RAW
from lakehouse.records.resolve import CATEGORY, RULE, STATUS
from lakehouse.storage.delta import PLAIN, create, retention_properties

COLUMNS = {
    "category": "string",
    "rule": "string",
    "key": "string",
    "raw": "string",
    **LINEAGE,
    "run_id": "string",
}
POSITION = ("_source_hash", "_source_sheet", "_source_row")
"""Which row of which content: what a rejected row is known by, for it may have no key."""


def merge_rejections(
    held: DeltaTable, rows: DataFrame, contract: Contract, run_id: str, *, whole: bool
) -> None:
    """Bring the rejected table up to date with judged `rows`.

    A row that was refused and is now published, superseded or deduplicated leaves the table; where `rows` are the
    `whole` table, so does one that is not among them any more.
    """
    judged = rows.select(
        F.col(CATEGORY).alias("category"),
        F.col(RULE).alias("rule"),
        F.to_json(F.struct(*contract.primary_key)).alias("key"),
        F.col(RAW).alias("raw"),
        *LINEAGE,
        F.lit(run_id).alias("run_id"),
        STATUS,
    )
    columns = {name: F.col(f"judged.{name}") for name in COLUMNS}
    position = " AND ".join(f"held.{name} <=> judged.{name}" for name in POSITION)
    merge = (
        held.alias("held")
        .merge(judged.alias("judged"), position)
        .whenMatchedDelete(f"judged.{STATUS} <> 'rejected'")
        .whenMatchedUpdate("NOT (held.rule <=> judged.rule AND held.key <=> judged.key)", columns)
        .whenNotMatchedInsert(f"judged.{STATUS} = 'rejected'", columns)
    )
    (merge.whenNotMatchedBySourceDelete() if whole else merge).execute()


def ensure_rejections(spark: SparkSession, uri: str, contract: Contract) -> DeltaTable:
    """The table of a contract's rejected rows at `uri`, created where there is none."""
    return create(spark, uri, lambda: _builder(spark, uri, contract))


def _builder(spark: SparkSession, uri: str, contract: Contract) -> DeltaTableBuilder:
    builder = DeltaTable.createIfNotExists(spark).location(uri)
    for name, kind in COLUMNS.items():
        builder = builder.addColumn(name, kind)
    for key, value in {**PLAIN, **retention_properties(contract)}.items():
        builder = builder.property(key, value)
    return builder
