"""Frames from text and back: a test states values as an analyst would write them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from lakehouse.transforms.scope import Change

type TextRow = Mapping[str, object]


def frame(spark: "SparkSession", types: Mapping[str, str], rows: Iterable[TextRow]) -> "DataFrame":
    """A frame of the columns in `types` (name → Spark SQL type); what a row does not name, or '', is null."""
    texts = [tuple(_text(row.get(name)) for name in types) for row in rows]
    plain = spark.createDataFrame(texts, ", ".join(f"`{name}` string" for name in types))
    return plain.selectExpr(*(f"cast(`{name}` as {kind}) as `{name}`" for name, kind in types.items()))


def change(was: "DataFrame", is_now: "DataFrame") -> "Change":
    """A table of which all files were replaced."""
    from lakehouse.transforms.scope import Change

    return Change(was, is_now, apart=lambda: (was, is_now), partitions=[])


def texts(df: "DataFrame", columns: Sequence[str] = ()) -> list[dict[str, str | None]]:
    """Every row as text, the way Spark prints the values in the session's zone."""
    names = list(columns or df.columns)
    return [
        row.asDict() for row in df.selectExpr(*(f"cast(`{n}` as string) as `{n}`" for n in names)).collect()
    ]


def analyzed_plan(df: "DataFrame") -> str:
    """What a frame is made of, as Spark prints it."""
    text: str = df._jdf.queryExecution().analyzed().toString()
    return text


def as_printed(value: object) -> str | None:
    """A Python value as Spark prints it in UTC."""
    match value:
        case None:
            return None
        case datetime():
            text = value.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ")
            return text.rstrip("0") if value.microsecond else text
        case _:
            return str(value)


def _text(value: object) -> str | None:
    return None if value is None or value == "" else str(value)
