"""What several tables are made of is made once in a step."""

from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TYPE_CHECKING

import pytest

from lakehouse.transforms.held import held, holding
from tests.lakehouse.frames import analyzed_plan

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


def doubled(spark: "SparkSession", times: int = 2) -> "DataFrame":
    """Made anew each time, as tables make what they share."""
    return held(spark.range(3).selectExpr(f"id * {times} AS number"))


def numbers(frame: "DataFrame") -> list[int]:
    return sorted(row["number"] for row in frame.collect())


def test_what_is_made_alike_is_made_once_for_every_thread_of_the_step(spark: "SparkSession") -> None:
    with holding(), ThreadPoolExecutor(2) as pool:
        first, second = [pool.submit(copy_context().run, doubled, spark) for _ in range(2)]

        assert first.result() is second.result() is doubled(spark)
        assert numbers(first.result()) == [0, 2, 4]
        assert "Range" not in analyzed_plan(first.result())


def test_what_is_made_otherwise_is_not_taken_for_it(spark: "SparkSession") -> None:
    with holding():
        assert numbers(doubled(spark)) == [0, 2, 4]
        assert numbers(doubled(spark, times=3)) == [0, 3, 6]


def test_a_frame_is_joined_with_what_was_made_of_it(spark: "SparkSession") -> None:
    with holding():
        frame = doubled(spark)
        more = held(frame.selectExpr("number", "number + 1 AS more"))

        joined = frame.join(more, "number").where("more > number").selectExpr("more AS number")

    assert numbers(joined) == [1, 3, 5]


def test_each_step_makes_its_own(spark: "SparkSession") -> None:
    with holding():
        first = doubled(spark)
    with holding():
        assert doubled(spark) is not first


def test_what_cannot_be_made_fails_for_all_who_ask(spark: "SparkSession") -> None:
    def broken() -> "DataFrame":
        return held(spark.range(3).selectExpr("raise_error('no such thing') AS number"))

    with holding():
        for _ in range(2):
            with pytest.raises(Exception, match="no such thing"):
                broken()


def test_without_a_step_nothing_is_made_before_it_is_asked_for(spark: "SparkSession") -> None:
    frame = doubled(spark)

    assert "Range" in analyzed_plan(frame)
    assert numbers(frame) == [0, 2, 4]
