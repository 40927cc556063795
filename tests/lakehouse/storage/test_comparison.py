"""Tables are equal where they hold the same rows as often, whatever their order; else it is told where they differ."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lakehouse.storage.comparison import Comparison, Counts, Difference, compare

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SCHEMA = "day string, a string, b string, at string, run_id string"
ROW = ("1", "x", None, "2025-04-01 10:00:00.000001", "one")


def compared(spark: "SparkSession", live: Sequence[Any], replayed: Sequence[Any]) -> Comparison:
    """Rows of SCHEMA, `at` as a timestamp, compared by day but for the run."""
    one, other = (
        spark.createDataFrame([*rows], SCHEMA).selectExpr("day", "a", "b", "timestamp(at) at", "run_id")
        for rows in (live, replayed)
    )
    return compare(one, other, {"run_id"}, ["day"])


def with_(position: int, value: Any) -> tuple[Any, ...]:
    return (*ROW[:position], value, *ROW[position + 1 :])


def test_the_same_rows_in_another_order_by_another_run_are_equal(spark: "SparkSession") -> None:
    rows = [ROW, ROW, with_(0, "2"), with_(0, None)]
    found = compared(spark, rows, [with_(4, "two"), *reversed(rows[1:])])

    assert found.is_equal
    assert found.rows == Counts(4, 4, 0, 0)
    assert found.partitions == 3
    assert found.live_hash == found.replayed_hash != ""


def test_what_is_almost_the_same_differs(spark: "SparkSession") -> None:
    almost = {
        "a null elsewhere": (with_(1, None), (*ROW[:1], None, "x", *ROW[3:])),
        "a microsecond": (ROW, with_(3, "2025-04-01 10:00:00.000002")),
        "an empty text": (ROW, with_(2, "")),
        "letters moved over": (("1", "ab", "c", *ROW[3:]), ("1", "a", "bc", *ROW[3:])),
    }
    for what, (live, replayed) in almost.items():
        found = compared(spark, [live], [replayed])
        assert found.differences == [Difference({"day": "1"}, Counts(1, 1, 1, 1))], what
        assert found.live_hash != found.replayed_hash, what


def test_a_row_counts_as_often_as_it_is_there(spark: "SparkSession") -> None:
    found = compared(spark, [ROW, ROW, ROW, with_(0, "2")], [ROW, with_(0, "2")])

    assert found.differences == [Difference({"day": "1"}, Counts(3, 1, 2, 0))]
    assert found.rows == Counts(4, 2, 2, 0)


def test_a_partition_on_one_side_only(spark: "SparkSession") -> None:
    found = compared(spark, [ROW], [with_(0, "2")])

    assert found.differences == [
        Difference({"day": "1"}, Counts(1, 0, 1, 0)),
        Difference({"day": "2"}, Counts(0, 1, 0, 1)),
    ]


def test_other_columns_are_told(spark: "SparkSession") -> None:
    live = spark.createDataFrame([("1", 2)], "day string, a int")
    for other in ("day string, a bigint", "day string, b int"):
        found = compare(live, spark.createDataFrame([("1", 2)], other), set(), ["day"])
        assert (found.is_equal, found.other_columns, found.rows) == (False, True, Counts(1, 1, 1, 1))


def test_nothing_is_equal_to_nothing(spark: "SparkSession") -> None:
    assert compared(spark, [], []).is_equal
    empty = spark.createDataFrame([], SCHEMA)
    assert compare(empty, empty, set(), []).rows == Counts()
