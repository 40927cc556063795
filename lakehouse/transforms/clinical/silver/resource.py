"""Every version of a resource, and every line or entry that is none."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from lakehouse.contract import tables
from lakehouse.fhir.resource_types import RESOURCE_TYPES
from lakehouse.fhir.silver import version
from lakehouse.records.cast import FAULT


def transform(*, fhir_resources: DataFrame) -> DataFrame:
    """clinical.bronze.fhir_resources → clinical.silver.resource."""
    views = [contract.rules.viewDefinition for contract in tables("clinical", "silver")]
    kind = F.col("resource_type")
    return fhir_resources.select(
        *(name for name in fhir_resources.columns if name.startswith("_")),
        kind,
        "resource_id",
        kind.isin([view.resource for view in views if view]).cast("string").alias("has_table"),
        *version(),
        F.when(F.col("malformed").isNotNull(), F.concat(F.lit("malformed:"), F.col("malformed")))
        .when(kind.isNotNull() & ~kind.isin(sorted(RESOURCE_TYPES)), "unknown:resource_type")
        .alias(FAULT),
    )
