"""Parse delivered files on Spark's executors, one file a task, into bronze rows."""

import json
import tempfile
from collections.abc import Callable, Iterator
from itertools import batched
from typing import Any, BinaryIO

import boto3
import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession

from lakehouse.contract import LINEAGE, Contract
from lakehouse.ingestion.files import DeliveredFile
from lakehouse.ingestion.readers import Record, UnreadableFileError, read_records
from lakehouse.storage.documents import split_uri

FINDINGS = {"_missing_columns": "string", "_unexpected_columns": "string", "_unreadable": "string"}
"""What parsing found about a row: contract columns its file lacks, values of columns that the contract lacks (JSON),
and, on a row of its own, why the file cannot be read."""

_SMALL_FILE = 16 << 20
_ROWS_PER_BATCH = 10_000


def parse_files(
    spark: SparkSession, files: list[DeliveredFile], contract: Contract, ingested_at: str
) -> DataFrame:
    """Bronze rows of the files: the contract's columns as text, LINEAGE and FINDINGS."""
    columns = contract.column_names
    schema = {**dict.fromkeys(columns, "string"), **LINEAGE, **FINDINGS}
    listing = spark.createDataFrame(
        [(f.uri, f.sha256, f.delivered_at.isoformat()) for f in files],
        "uri string, sha256 string, delivered_at string",
    ).repartition(len(files))
    parsed = listing.mapInArrow(
        _parser(columns, ingested_at),
        ", ".join(f"`{name}` {_wire_type(kind)}" for name, kind in schema.items()),
    )
    return parsed.selectExpr(*(f"cast(`{name}` as {kind}) as `{name}`" for name, kind in schema.items()))


def _wire_type(kind: str) -> str:
    return "string" if kind == "timestamp" else kind


type BatchParser = Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]


def _parser(columns: list[str], ingested_at: str) -> BatchParser:
    def parse(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for file in batch.to_pylist():
                rows = _rows(file, columns, ingested_at)
                for some in batched(rows, _ROWS_PER_BATCH):
                    yield pa.RecordBatch.from_pylist(list(some), schema=_arrow_schema(columns))

    return parse


def _arrow_schema(columns: list[str]) -> pa.Schema:
    kinds = {**LINEAGE, **FINDINGS}
    named = [(name, pa.int64() if kind == "bigint" else pa.string()) for name, kind in kinds.items()]
    return pa.schema([*((name, pa.string()) for name in columns), *named])


def _rows(file: dict[str, str], columns: list[str], ingested_at: str) -> Iterator[dict[str, Any]]:
    lineage = {
        "_source_file": file["uri"],
        "_source_hash": file["sha256"],
        "_delivered_at": file["delivered_at"],
        "_ingested_at": ingested_at,
    }
    try:
        with _download(file["uri"]) as content:
            for record in read_records(file["uri"], content):
                yield {**_bronze_row(record, columns), **lineage}
    except UnreadableFileError as error:
        yield {**lineage, "_unreadable": str(error)}


def _bronze_row(record: Record, columns: list[str]) -> dict[str, Any]:
    missing = [column for column in columns if column not in record.values]
    unexpected = {name: value for name, value in record.values.items() if name not in columns}
    return {
        **{column: record.values.get(column) for column in columns},
        "_source_sheet": record.sheet,
        "_source_row": record.row,
        "_missing_columns": ", ".join(missing) or None,
        "_unexpected_columns": json.dumps(unexpected) if unexpected else None,
    }


def _download(uri: str) -> BinaryIO:
    bucket, key = split_uri(uri)
    content = tempfile.SpooledTemporaryFile(max_size=_SMALL_FILE)  # noqa: SIM115 - the caller closes it
    boto3.client("s3").download_fileobj(bucket, key, content)
    content.seek(0)
    return content  # type: ignore[return-value]
