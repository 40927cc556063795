"""What clients make of a published table: Spark, and those that know only its URI and the store's options."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import duckdb
import duckdb_extension_httpfs
import polars as pl
from deltalake import DeltaTable

from lakehouse.contract import Contract

type Options = Mapping[str, str]
type Reader = Callable[[str, Options, Contract], "Summary"]


@dataclass(frozen=True)
class Summary:
    """Rows, first and last `time` (µs since 1970 UTC), rows by partition, and the exact sum of each decimal column."""

    rows: int
    first_us: int
    last_us: int
    sums: Mapping[str, Decimal]
    partitions: Mapping[tuple[str, str], int]
    """(product_id, date) → rows."""


def decimals(contract: Contract) -> list[str]:
    """Names of the columns that hold prices and quantities."""
    return [column.name for column in contract.columns if column.physicalType.startswith("decimal")]


def by_spark(spark: Any, uri: str, contract: Contract) -> Summary:
    """What the engine itself reads, which the others must find as well."""
    spark.read.format("delta").load(uri).createOrReplaceTempView("read_by_spark")
    return _by_sql("read_by_spark", "unix_micros", lambda query: spark.sql(query).collect(), contract)


def by_duckdb(uri: str, options: Options, contract: Contract) -> Summary:
    """DuckDB's own reading of the files that the log names, from S3 by its httpfs."""
    files = DeltaTable(uri, storage_options=dict(options)).file_uris()
    with duckdb.connect() as connection:
        connection.execute(f"LOAD '{httpfs()}'")
        connection.execute(_secret(options))
        connection.read_parquet(files, hive_partitioning=True).create_view("of_the_log")
        return _by_sql("of_the_log", "epoch_us", lambda query: connection.sql(query).fetchall(), contract)


def httpfs() -> Path:
    """DuckDB's extension for S3, signed by DuckDB, as the package registry brings it for the very same version."""
    package = Path(duckdb_extension_httpfs.__file__).parent
    return package / "extensions" / f"v{duckdb.__version__}" / "httpfs.duckdb_extension"


def _secret(options: Options) -> str:
    return (
        f"CREATE SECRET (TYPE s3, KEY_ID '{options['AWS_ACCESS_KEY_ID']}', "
        f"SECRET '{options['AWS_SECRET_ACCESS_KEY']}', REGION '{options['AWS_REGION']}', "
        f"ENDPOINT '{urlsplit(options['AWS_ENDPOINT_URL']).netloc}', URL_STYLE 'path', USE_SSL false)"
    )


def by_polars(uri: str, options: Options, contract: Contract) -> Summary:
    """Polars' own scan of a Delta table."""
    table = pl.scan_delta(uri, storage_options=dict(options))
    names = decimals(contract)
    time = pl.col("time").dt.epoch("us")
    totals = table.select(rows=pl.len(), first_us=time.min(), last_us=time.max()).collect().row(0, named=True)
    sums = table.select(pl.col(name).sum() for name in names).collect().row(0)
    partitions = table.group_by("product_id", "date").len().collect().rows()
    return Summary(
        **totals,
        sums=dict(zip(names, sums, strict=True)),
        partitions={(product, str(date)): rows for product, date, rows in partitions},
    )


def _by_sql(table: str, micros: str, rows_of: Callable[[str], Any], contract: Contract) -> Summary:
    names = decimals(contract)
    sums = ", ".join(f"sum({name})" for name in names)
    ((rows, first_us, last_us, *totals),) = rows_of(
        f"SELECT count(*), {micros}(min(time)), {micros}(max(time)), {sums} FROM {table}"
    )
    by_partition = rows_of(f"SELECT product_id, date, count(*) FROM {table} GROUP BY product_id, date")
    return Summary(
        rows,
        first_us,
        last_us,
        dict(zip(names, totals, strict=True)),
        {(product, str(date)): count for product, date, count in by_partition},
    )
