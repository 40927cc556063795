"""bronze.fhir_resources → a table of silver, by the view that its contract declares."""

from collections.abc import Callable, Iterator

import orjson
import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from lakehouse.contract import Contract
from lakehouse.fhir.flatten import Flattener
from lakehouse.fhir.references import RESOLVED, with_resolved
from lakehouse.fhir.view_definition import VERSION_COLUMNS, ViewDefinition
from lakehouse.records.cast import FAULT

type BatchMapper = Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]

RESOURCE_ID = "resource_id"
_RESOURCE = (RESOURCE_ID, "is_deleted", "resource", RESOLVED)
_WHOLE_NUMBER = r"^[0-9]{1,18}$"
_HIGHEST = str(2**63 - 1)


def resources(view: ViewDefinition, bronze: DataFrame) -> DataFrame:
    """The rows of bronze that a view is made of."""
    return bronze.where(F.col("resource_type") == view.resource)


def view_rows(contract: Contract, view: ViewDefinition, bronze: DataFrame) -> DataFrame:
    """A row for each version of the view's resources: its columns and those of `version` as text, the engine's own.

    Of a deletion, the key alone is known. `_fault` names the rule that a resource breaks.
    """
    if RESOLVED not in bronze.columns:  # nothing came since the contract names it
        bronze = bronze.withColumn(RESOLVED, F.lit(None).cast("string"))
    own = [field for field in bronze.schema.fields if field.name.startswith("_")]
    of_type = resources(view, bronze).select(
        *(field.name for field in own),
        *version(),
        *(F.col(name).alias(f"bronze_{name}") for name in _RESOURCE),
    )
    made = [column.name for column in view.columns]
    kept = {field.name: field.dataType.simpleString() for field in own}
    schema = {**kept, **dict.fromkeys((*VERSION_COLUMNS, *made, FAULT), "string")}
    types = {column.name: column.physicalType for column in contract.columns}
    decimals = [name for name in made if types[name].startswith("decimal")]
    return of_type.mapInArrow(
        _mapper(view, decimals, list(schema)), ", ".join(f"`{name}` {kind}" for name, kind in schema.items())
    )


def version() -> list[Column]:
    """The columns that tell versions of a resource apart, as text.

    A version that does not say when it was made counts from its delivery. A deletion that does not say which version
    it is comes after every other of its instant.
    """
    number = F.when(F.col("version_id").rlike(_WHOLE_NUMBER), F.col("version_id"))
    unnumbered_deletion = F.when(F.col("is_deleted") == "true", F.lit(_HIGHEST))
    return [
        F.col("version_id"),
        F.coalesce(number, unnumbered_deletion).alias("version_number"),
        F.coalesce("last_updated", F.col("_delivered_at").cast("string")).alias("last_updated"),
        F.coalesce("is_deleted", F.lit("false")).alias("is_deleted"),
    ]


def _mapper(view: ViewDefinition, decimals: list[str], names: list[str]) -> BatchMapper:
    made = [*(column.name for column in view.columns), FAULT]
    kept = [name for name in names if name not in made]

    def map_batches(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        flattener = Flattener(view, decimals)
        for batch in batches:
            columns = [batch.column(name) for name in kept]
            yield pa.RecordBatch.from_arrays(
                [*columns, *_texts(flattener, batch, len(made))], names=[*kept, *made]
            )

    return map_batches


def _texts(flattener: Flattener, batch: pa.RecordBatch, width: int) -> list[pa.Array]:
    columns = (batch.column(f"bronze_{name}").to_pylist() for name in _RESOURCE)
    rows = [
        flattener.deletion(resource_id)
        if is_deleted == "true"
        else flattener.row(with_resolved(text, orjson.loads(told)) if told else text, resource_id)
        for resource_id, is_deleted, text, told in zip(*columns, strict=True)
    ]
    made = zip(*((*row.texts, row.fault) for row in rows), strict=True) if rows else [()] * width
    return [pa.array(column, pa.string()) for column in made]
