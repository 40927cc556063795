"""Typed rows of a segment by DuckDB and by Polars: silver's columns, each payload parsed once, as Parquet files."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from lakehouse.address import Address
from lakehouse.contract import Column, Contract, load
from lakehouse.transforms.market_data.payload import BOOKS, TICKER, TRADE, TRADES, UPDATE

TABLES = ("ticker", "level2", "market_trades")
_LINE = ("kind", "connection_id", "payload")
_TIME = "%Y-%m-%dT%H:%M:%S%.fZ"


@dataclass(frozen=True)
class Items:
    """Where a table's rows are in a message: the channel, and the array in each of its events."""

    channel: str
    array: str
    fields: tuple[str, ...]


ITEMS = {
    "ticker": Items("ticker", "tickers", TICKER),
    "level2": Items(BOOKS, "updates", UPDATE),
    "market_trades": Items(TRADES, "trades", TRADE),
}


def contract_of(table: str) -> Contract:
    """What silver's table holds."""
    return load(Address("market_data", "silver", table))


def by_duckdb(segment: Path, folder: Path) -> None:
    """One Parquet file a table, on one core."""
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        lines = f"read_json('{segment}', format = 'newline_delimited', columns = {dict.fromkeys(_LINE, 'VARCHAR')})"
        connection.execute(
            "CREATE TEMP TABLE messages AS SELECT connection_id, "
            f"json_transform(payload, '{_duckdb_payload()}') AS message FROM {lines} WHERE kind = 'message'"
        )
        for table, items in ITEMS.items():
            columns = ", ".join(
                f"{_duckdb_value(_place(table, column, items), column)} AS {column.name}"
                for column in contract_of(table).columns
            )
            connection.execute(
                f"COPY (SELECT {columns} FROM ({_duckdb_items(items)})) TO '{folder / table}.parquet'"
            )


def _duckdb_payload() -> str:
    items = ", ".join(
        f'"{one.array}": [{{{", ".join(f'"{name}": "VARCHAR"' for name in one.fields)}}}]'
        for one in ITEMS.values()
    )
    event = f'{{"type": "VARCHAR", "product_id": "VARCHAR", {items}}}'
    return f'{{"channel": "VARCHAR", "timestamp": "VARCHAR", "sequence_num": "VARCHAR", "events": [{event}]}}'


def _duckdb_items(items: Items) -> str:
    return (
        "SELECT *, generate_subscripts(found, 1) - 1 AS item_index, unnest(found) AS item FROM ("
        f"SELECT *, event.{items.array} AS found FROM ("
        "SELECT connection_id, message.sequence_num AS sequence_num, message.timestamp AS message_time, "
        "generate_subscripts(message.events, 1) - 1 AS event_index, unnest(message.events) AS event "
        f"FROM messages WHERE message.channel = '{items.channel}'))"
    )


def _duckdb_value(place: str, column: Column) -> str:
    if column.physicalType == "boolean":
        return f"{place} = 'snapshot'"
    kinds = {"string": "VARCHAR", "timestamp": "TIMESTAMPTZ", "date": "DATE"}
    return f"TRY_CAST({place} AS {kinds.get(column.physicalType, column.physicalType)})"


def by_polars(segment: Path, folder: Path) -> None:
    """One Parquet file a table; POLARS_MAX_THREADS says on how many cores."""
    lines = pl.scan_ndjson(segment, schema=dict.fromkeys(_LINE, pl.String))
    messages = (
        lines.filter(pl.col("kind") == "message")
        .select("connection_id", pl.col("payload").str.json_decode(_polars_payload()).alias("message"))
        .unnest("message")
        .rename({"timestamp": "message_time"})
        .collect()
    )
    for table, items in ITEMS.items():
        rows = _polars_items(messages.lazy(), items)
        columns = contract_of(table).columns
        typed = rows.select(
            _polars_value(_place(table, column, items), column).alias(column.name) for column in columns
        )
        typed.collect().write_parquet(folder / f"{table}.parquet")


def _polars_payload() -> Any:
    text = pl.String
    items = {one.array: pl.List(pl.Struct(dict.fromkeys(one.fields, text))) for one in ITEMS.values()}
    event = pl.Struct({"type": text, "product_id": text, **items})
    return pl.Struct({"channel": text, "timestamp": text, "sequence_num": text, "events": pl.List(event)})


def _polars_items(messages: Any, items: Items) -> Any:
    events = (
        messages.filter(pl.col("channel") == items.channel)
        .with_columns(event_index=pl.int_ranges(pl.col("events").list.len()))
        .explode("events", "event_index")
        .with_columns(event=pl.col("events"), item=pl.col("events").struct.field(items.array))
    )
    return (
        events.filter(pl.col("item").list.len() > 0)
        .with_columns(item_index=pl.int_ranges(pl.col("item").list.len()))
        .explode("item", "item_index")
    )


def _polars_value(place: str, column: Column) -> Any:
    root, _, field = place.partition(".")
    value = pl.col(root).struct.field(field) if field else pl.col(root)
    kind = column.physicalType
    if kind == "boolean":
        return value == "snapshot"
    if kind in {"timestamp", "date"}:
        time = value.str.to_datetime(_TIME, time_unit="us", time_zone="UTC", strict=False)
        return time if kind == "timestamp" else time.dt.date()
    return value.cast(_polars_type(kind), strict=False)


def _polars_type(kind: str) -> Any:
    if kind.startswith("decimal"):
        precision, scale = kind.removeprefix("decimal(").removesuffix(")").split(",")
        return pl.Decimal(int(precision), int(scale))
    return {"string": pl.String, "bigint": pl.Int64, "int": pl.Int32}[kind]


def _place(table: str, column: Column, items: Items) -> str:
    """Where a column's text is: a column of the exploded messages, or a field of its `event` or `item`."""
    fixed = {"is_snapshot": "event.type", "ticker_index": "item_index", "update_index": "item_index"}
    of_message = {"connection_id", "sequence_num", "event_index"}
    if column.name in fixed:
        return fixed[column.name]
    if column.name in of_message:
        return column.name
    if column.name in {"time", "date"}:
        return "item.time" if table == "market_trades" else "message_time"
    return f"item.{column.name}" if column.name in items.fields else f"event.{column.name}"


def totals(folder: Path) -> dict[str, list[str]]:
    """Table → rows, first and last time (µs), exact sum of each decimal; of the Parquet files in `folder`."""
    with duckdb.connect() as connection:
        return {table: _totals(connection, folder, table) for table in TABLES}


def _totals(connection: Any, folder: Path, table: str) -> list[str]:
    decimals = [c.name for c in contract_of(table).columns if c.physicalType.startswith("decimal")]
    wanted = [
        "count(*)",
        "epoch_us(min(time))",
        "epoch_us(max(time))",
        *(f"sum({name})" for name in decimals),
    ]
    files = f"{folder}/{table}{'/*' if (folder / table).is_dir() else ''}.parquet"
    (found,) = connection.execute(f"SELECT {', '.join(wanted)} FROM read_parquet('{files}')").fetchall()
    return [str(value) for value in found]
