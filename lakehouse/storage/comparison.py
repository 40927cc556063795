"""Two versions of a table compared row by row, wherever the rows lie: counts and hashes, never a value.

A row is known by a hash of its columns, a part of a table by the sum of its rows' hashes: neither depends on the order
of rows.
"""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, field
from functools import reduce
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

_ROW = "_row"
_HASH_BITS = 128

type Values = dict[str, str | None]
"""Partition column → value, as text."""


@dataclass(frozen=True)
class Counts:
    """Rows of a part of a table, live and replayed, and how many are on one side only."""

    live: int = 0
    replayed: int = 0
    only_live: int = 0
    only_replayed: int = 0

    @property
    def differ(self) -> bool:
        return bool(self.only_live or self.only_replayed)

    def __add__(self, other: "Counts") -> "Counts":
        sums = (
            mine + theirs for mine, theirs in zip(asdict(self).values(), asdict(other).values(), strict=True)
        )
        return Counts(*sums)


@dataclass(frozen=True)
class Difference:
    """A partition that is not the same on both sides."""

    partition: Values
    rows: Counts


@dataclass(frozen=True)
class Comparison:
    """What a live table and its replay have in common."""

    rows: Counts = field(default_factory=Counts)
    partitions: int = 0
    live_hash: str = ""
    replayed_hash: str = ""
    differences: list[Difference] = field(default_factory=list)
    other_columns: bool = False
    """Whether the two store different columns: then no row is the same."""

    @property
    def is_equal(self) -> bool:
        return not self.differences and not self.other_columns


def compare(live: DataFrame, replayed: DataFrame, volatile: Collection[str], by: Sequence[str]) -> Comparison:
    """Compare two frames by all columns but the `volatile` ones, partition by partition `by` some of them."""
    if _types(live, volatile) != (types := _types(replayed, volatile)):
        return _of_other_columns(live, replayed)
    columns = sorted(types)
    sides = [_hashed(frame, columns, by, side) for frame, side in ((live, "live"), (replayed, "replayed"))]
    of_rows = (
        reduce(DataFrame.unionByName, sides)
        .groupBy(*by, _ROW)
        .agg(F.sum("live").alias("live"), F.sum("replayed").alias("replayed"))
    )
    surplus = F.col("live") - F.col("replayed")
    hashes = F.col(_ROW).cast("decimal(20,0)")
    found = of_rows.groupBy(*by).agg(
        _sum(F.col("live")).alias("live"),
        _sum(F.col("replayed")).alias("replayed"),
        _sum(F.greatest(surplus, F.lit(0))).alias("only_live"),
        _sum(F.greatest(-surplus, F.lit(0))).alias("only_replayed"),
        _sum(hashes * F.col("live")).alias("live_hash"),
        _sum(hashes * F.col("replayed")).alias("replayed_hash"),
    )
    parts = [row.asDict() for row in found.collect()]
    counted = [Difference({name: part[name] for name in by}, _counts(part)) for part in parts]
    return Comparison(
        rows=reduce(Counts.__add__, (part.rows for part in counted), Counts()),
        partitions=len(parts),
        live_hash=_printed(parts, "live_hash"),
        replayed_hash=_printed(parts, "replayed_hash"),
        differences=sorted(
            (part for part in counted if part.rows.differ), key=lambda part: str(part.partition)
        ),
    )


def _types(frame: DataFrame, volatile: Collection[str]) -> dict[str, str]:
    return {f.name: f.dataType.simpleString() for f in frame.schema if f.name not in volatile}


def _of_other_columns(live: DataFrame, replayed: DataFrame) -> Comparison:
    counts = live.count(), replayed.count()
    return Comparison(rows=Counts(*counts, *counts), partitions=1, other_columns=True)


def _hashed(frame: DataFrame, columns: Sequence[str], by: Sequence[str], side: str) -> DataFrame:
    """A row's partition, as text, and hash, and on which side it is."""
    # A null leaves the hash as it was: whether a column is null is hashed as well.
    row = F.xxhash64(*columns, *(F.col(name).isNull() for name in columns))
    sides = (F.lit(int(side == name)).alias(name) for name in ("live", "replayed"))
    return frame.select(*(F.col(name).cast("string").alias(name) for name in by), row.alias(_ROW), *sides)


def _sum(values: Column) -> Column:
    """Their sum, which of no rows is 0."""
    return F.coalesce(F.sum(values), F.lit(0))


def _counts(part: dict[str, Any]) -> Counts:
    return Counts(part["live"], part["replayed"], part["only_live"], part["only_replayed"])


def _printed(parts: Sequence[dict[str, Any]], side: str) -> str:
    """The hash of all parts; its partition is in a row's hash already."""
    return f"{sum(int(part[side]) for part in parts) % (1 << _HASH_BITS):0{_HASH_BITS // 4}x}"
