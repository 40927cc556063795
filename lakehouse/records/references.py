"""Foreign keys: does the parent that a row names exist?"""

from collections.abc import Mapping

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from lakehouse.address import Address
from lakehouse.contract import Contract
from lakehouse.records.cast import RULES


def found_column(column: str) -> str:
    """The flag that tells whether the parent of `column` exists; null where the column is null."""
    return f"_{column}_found"


def missing_rule(column: str) -> str:
    """The rule that a row breaks whose parent, named by `column`, does not exist."""
    return f"reference:{column}"


def check_references(rows: DataFrame, contract: Contract, parents: Mapping[Address, DataFrame]) -> DataFrame:
    """Add `_<column>_found` for each foreign key, and the rule `reference:<column>` where it is false."""
    for column, reference in contract.references.items():
        found = found_column(column)
        keys = parents[reference.address].select(F.col(reference.column).alias(column)).distinct()
        rows = rows.join(keys.withColumn(found, F.lit(True)), column, "left").withColumn(
            found, F.when(F.col(column).isNotNull(), F.coalesce(found, F.lit(False)))
        )
        missing = F.when(~F.col(found), F.array(F.lit(missing_rule(column)))).otherwise(F.array())
        rows = rows.withColumn(RULES, F.concat(RULES, missing))
    return rows
