"""Parse delivered files on Spark's executors, one file a task, into bronze rows."""

import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any, BinaryIO, cast

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession

from lakehouse.contract import LINEAGE, Contract
from lakehouse.contract_rules import Format
from lakehouse.ingestion.drift import Drift, HeaderRules, drift
from lakehouse.ingestion.files import DeliveredFile
from lakehouse.ingestion.readers import is_read_forward, read_sheets
from lakehouse.ingestion.tabular import Record, Sheet, UnreadableFileError, in_sheet
from lakehouse.storage.objects.factory import store_at

FINDINGS = dict.fromkeys(("_missing_columns", "_unexpected_columns", "_drift", "_unreadable"), "string")
"""What parsing found about a row: contract columns that its file must not lack; values of columns that the contract
lacks (JSON); on the first row of a sheet, how its header differs from the contract (JSON, see `Drift`); on a row of its
own, why the file cannot be read."""

_SMALL_FILE = 16 << 20
_ROWS_PER_BATCH = 10_000
_TEXT_PER_BATCH = 32 << 20

type Row = dict[str, Any]


def parse_files(
    spark: SparkSession,
    files: list[DeliveredFile],
    contract: Contract,
    ingested_at: str,
    rules: HeaderRules | None = None,
) -> DataFrame:
    """Bronze rows of the files: the contract's columns as text, LINEAGE and FINDINGS.

    A file whose header breaks `rules` is unreadable; without rules every header is accepted.
    """
    columns = contract.column_names
    schema = {**dict.fromkeys(columns, "string"), **LINEAGE, **FINDINGS}
    listing = spark.createDataFrame(
        [(f.uri, f.sha256, f.delivered_at.isoformat()) for f in files],
        "uri string, sha256 string, delivered_at string",
    ).repartition(len(files))
    parsed = listing.mapInArrow(
        _parser(rules or HeaderRules(tuple(columns)), ingested_at, contract.rules.format),
        ", ".join(f"`{name}` {_wire_type(kind)}" for name, kind in schema.items()),
    )
    return parsed.selectExpr(*(f"cast(`{name}` as {kind}) as `{name}`" for name, kind in schema.items()))


def _wire_type(kind: str) -> str:
    return "string" if kind == "timestamp" else kind


type BatchParser = Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]


def _parser(rules: HeaderRules, ingested_at: str, of_format: Format) -> BatchParser:
    columns = list(rules.columns)

    def parse(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for file in batch.to_pylist():
                for rows in _in_batches(_rows(file, rules, ingested_at, of_format)):
                    yield pa.RecordBatch.from_pylist(rows, schema=_arrow_schema(columns))

    return parse


def _in_batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    """Few enough rows, and little enough text, to hold in memory."""
    some: list[Row] = []
    text = 0
    for row in rows:
        some.append(row)
        text += sum(len(value) for value in row.values() if isinstance(value, str))
        if len(some) == _ROWS_PER_BATCH or text > _TEXT_PER_BATCH:
            yield some
            some, text = [], 0
    if some:
        yield some


def _arrow_schema(columns: list[str]) -> pa.Schema:
    kinds = {**LINEAGE, **FINDINGS}
    named = [(name, pa.int64() if kind == "bigint" else pa.string()) for name, kind in kinds.items()]
    return pa.schema([*((name, pa.string()) for name in columns), *named])


def _rows(file: dict[str, str], rules: HeaderRules, ingested_at: str, of_format: Format) -> Iterator[Row]:
    lineage = {
        "_source_file": file["uri"],
        "_source_hash": file["sha256"],
        "_delivered_at": file["delivered_at"],
        "_ingested_at": ingested_at,
    }
    try:
        with _opened(file["uri"]) as content:
            for sheet in read_sheets(file["uri"], content, of_format):
                for row in _bronze_rows(sheet, rules):
                    yield {**row, **lineage}
    except UnreadableFileError as error:
        yield {**lineage, "_unreadable": str(error)}


def _bronze_rows(sheet: Sheet, rules: HeaderRules) -> Iterator[Row]:
    found = Drift() if sheet.header is None else drift(sheet.header, rules)
    if found.refusal:
        raise UnreadableFileError(f"{in_sheet(sheet.name)}{found.refusal}")
    # What the policy lets a file lack is told as drift, and is no fault of its rows.
    missing = None if rules.policy == "evolve" else ", ".join(found.removed) or None
    told = json.dumps(found.as_document()) if found else None
    for record in sheet.records:
        yield {**_bronze_row(record, rules.columns), "_missing_columns": missing, "_drift": told}
        told = None


def _bronze_row(record: Record, columns: tuple[str, ...]) -> Row:
    unexpected = {
        name: value for name, value in record.values.items() if value is not None and name not in columns
    }
    return {
        **{column: record.values.get(column) for column in columns},
        "_source_sheet": record.sheet,
        "_source_row": record.row,
        "_unexpected_columns": json.dumps(unexpected) if unexpected else None,
    }


def _opened(uri: str) -> AbstractContextManager[Any]:
    store, path = store_at(uri)
    if is_read_forward(path):
        return store.open(path)
    content = tempfile.SpooledTemporaryFile(max_size=_SMALL_FILE)  # noqa: SIM115 - the caller closes it
    store.download(path, cast("BinaryIO", content))
    content.seek(0)
    return content
