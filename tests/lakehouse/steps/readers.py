"""What clients make of a published table: Spark, and those that know only its URI and the store's options."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import duckdb
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
    """DuckDB over the Arrow dataset of the files that the log names; its own extension is no Python package."""
    dataset = DeltaTable(uri, storage_options=dict(options)).to_pyarrow_dataset()
    with duckdb.connect() as connection:
        connection.register("dataset", dataset)
        return _by_sql("dataset", "epoch_us", lambda query: connection.sql(query).fetchall(), contract)


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
