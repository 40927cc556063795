"""Decide what becomes of every version of a record: published, deduplicated, superseded or rejected.

The decision is a function of the *set* of rows that share a key, so the order of deliveries cannot matter.
"""

from pyspark.sql import Column as SparkColumn
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from lakehouse.contract import Contract
from lakehouse.records.cast import RULES

STATUS = "_status"
RULE = "_rule"
CATEGORY = "_category"
CORRECTED = "_corrected"
"""Whether the row was refused and a later delivery holds a good row of its key."""
STATUSES = ("published", "deduplicated", "superseded", "rejected")

DUPLICATE_KEY = "duplicate_key"
_CATEGORIES = {
    "malformed": "schema",
    "period": "quality",
    "precision": "schema",
    "range": "quality",
    "type": "schema",
    "unknown": "schema",
    "required": "quality",
    "reference": "referential",
    DUPLICATE_KEY: "quality",
}


def resolve(rows: DataFrame, contract: Contract) -> DataFrame:
    """Add `_status`, `_rule`, `_category` and `_corrected`.

    `rows` holds every known row of its keys, cast and with `_rules`.

    A row that breaks a rule is rejected and does not compete. Of the others, by key: the newest version wins, then
    the contract's tie-breaks decide. A loser is deduplicated where it equals a better row in every column,
    superseded where its version is older than the winner's, else rejected as `duplicate_key`.
    """
    valid = F.size(RULES) == 0
    versions = contract.rules.recordVersion
    by_key = Window.partitionBy(F.col("_valid"), *contract.primary_key)
    best_first = by_key.orderBy(*_order(contract))
    same_row = Window.partitionBy(F.col("_valid"), *contract.column_names).orderBy(*_order(contract))
    good_one_delivered = F.max(F.when(F.col("_valid"), F.col("_delivered_at")))
    corrected = good_one_delivered.over(Window.partitionBy(*contract.primary_key)) > F.col("_delivered_at")
    ranked = (
        rows.withColumn("_valid", valid)
        # First, for rows that are together by key need not move again for the windows of parts of a key.
        .withColumn(CORRECTED, F.coalesce(~F.col("_valid") & corrected, F.lit(False)))
        .withColumn("_rank", F.row_number().over(best_first))
        .withColumn("_repeat", F.row_number().over(same_row))
        .withColumn("_newest", F.first(F.struct(*versions)).over(best_first))
    )
    status = (
        F.when(~F.col("_valid"), "rejected")
        .when(F.col("_rank") == 1, "published")
        .when(F.col("_repeat") > 1, "deduplicated")
        .when(F.struct(*versions) < F.col("_newest"), "superseded")
        .otherwise("rejected")
    )
    rule = F.when(~F.col("_valid"), F.col(RULES)[0]).when(F.col(STATUS) == "rejected", DUPLICATE_KEY)
    return (
        ranked.withColumn(STATUS, status)
        .withColumn(RULE, rule)
        .withColumn(CATEGORY, _category(F.col(RULE)))
        .drop("_valid", "_rank", "_repeat", "_newest")
    )


def _order(contract: Contract) -> list[SparkColumn]:
    """Best row first; the source position ends every tie, so that the order is total."""
    newest = [F.col(column).desc() for column in contract.rules.recordVersion]
    stated = [
        F.col(tie.column).asc_nulls_last() if tie.wins == "lowest" else F.col(tie.column).desc_nulls_last()
        for tie in contract.rules.tieBreaks
    ]
    position = [
        F.col(name).asc() for name in ("_delivered_at", "_source_hash", "_source_sheet", "_source_row")
    ]
    return [*newest, *stated, *position]


def _category(rule: SparkColumn) -> SparkColumn:
    kind = F.split_part(rule, F.lit(":"), F.lit(1))
    category = F.lit(None).cast("string")
    for name, value in _CATEGORIES.items():
        category = F.when(kind == name, value).otherwise(category)
    return category
