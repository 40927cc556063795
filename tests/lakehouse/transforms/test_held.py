"""What several tables are made of is made once in a step, and let go when the step is over."""

from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TYPE_CHECKING

import pytest

from lakehouse.transforms.held import held, holding

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


def doubled(spark: "SparkSession", times: int = 2) -> "DataFrame":
    """Made anew each time, as tables make what they share."""
    return held(spark.range(3).selectExpr(f"id * {times} AS number"))


def held_frames(spark: "SparkSession") -> int:
    """How many Spark holds the rows of."""
    return int(spark.sparkContext._jsc.getPersistentRDDs().size())


def test_what_is_made_alike_is_held_once_for_every_thread_of_the_step(spark: "SparkSession") -> None:
    before = held_frames(spark)

    with holding(), ThreadPoolExecutor(1) as pool:
        doubled(spark).collect()
        other = pool.submit(copy_context().run, doubled, spark).result()

        assert [row["number"] for row in other.where("number > 0").collect()] == [2, 4]
        assert held_frames(spark) == before + 1
    assert held_frames(spark) == before


def test_what_is_made_otherwise_is_not_taken_for_it(spark: "SparkSession") -> None:
    with holding():
        assert [row["number"] for row in doubled(spark).collect()] == [0, 2, 4]
        assert [row["number"] for row in doubled(spark, times=3).collect()] == [0, 3, 6]


def test_a_step_that_fails_lets_go_as_well(spark: "SparkSession") -> None:
    before = held_frames(spark)

    def fail_half_way() -> None:
        with holding():
            doubled(spark).collect()
            raise ValueError("half-way")

    with pytest.raises(ValueError, match="half-way"):
        fail_half_way()

    assert held_frames(spark) == before


def test_without_a_step_nothing_is_held(spark: "SparkSession") -> None:
    before = held_frames(spark)

    assert doubled(spark).count() == 3
    assert held_frames(spark) == before
