"""Rounding against Python's decimal, whose ROUND_HALF_UP is away from zero as well."""

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from lakehouse.transforms.money import MONEY, average, cents, money
from tests.lakehouse.frames import frame

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

LARGEST_CENTS = 10**18 - 1
"""The most that decimal(18,2) holds."""
# A hundred numbers make one example, and the failing ones are named.
NO_SHRINKING = (Phase.explicit, Phase.generate)

type Ratio = tuple[int, int]


def ratios(digits: int) -> st.SearchStrategy[Ratio]:
    """(total, count), every third falling on a half of the last digit."""
    half = 2 * 10**digits
    halves = st.builds(
        lambda odd, size: ((2 * odd + 1) * size, half * size),
        st.integers(-(10**6), 10**6),
        st.integers(-100, 100),
    )
    return st.one_of(
        halves,
        st.tuples(st.integers(-1000, 1000), st.integers(-50, 50)),
        st.tuples(st.integers(-(10**14), 10**14), st.integers(1, 10**6)),
    )


def half_up(total: int, count: int, digits: int) -> Decimal | None:
    if count == 0:
        return None
    return (Decimal(total) / count).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def averages(spark: "SparkSession", given_ratios: list[Ratio], digits: int) -> dict[Ratio, Decimal | None]:
    from pyspark.sql import functions as F

    rows = frame(
        spark, {"t": "bigint", "c": "bigint"}, [{"t": total, "c": count} for total, count in given_ratios]
    )
    made = rows.select("t", "c", average(F.col("t"), F.col("c"), digits).alias("average")).collect()
    return {(row["t"], row["c"]): row["average"] for row in made}


@pytest.mark.parametrize("digits", [2, 4])
@settings(max_examples=4, phases=NO_SHRINKING)
@given(data=st.data())
def test_averages_are_rounded_half_up(spark: "SparkSession", digits: int, data: st.DataObject) -> None:
    given_ratios = data.draw(st.lists(ratios(digits), min_size=60, max_size=100, unique=True))

    made = averages(spark, given_ratios, digits)

    expected = {ratio: half_up(*ratio, digits) for ratio in given_ratios}
    assert {ratio: value for ratio, value in made.items() if value != expected[ratio]} == {}
    assert len(made) == len(expected)


def test_averages_by_hand(spark: "SparkSession") -> None:
    by_hand = {
        (1, 8): "0.13",
        (-1, 8): "-0.13",
        (1, -8): "-0.13",
        (-1, -8): "0.13",
        (5, 0): None,
        (0, 0): None,
    }
    largest = {(LARGEST_CENTS, 100): "9999999999999999.99", (-LARGEST_CENTS, 100): "-9999999999999999.99"}

    made = averages(spark, [*by_hand, *largest], 2)

    assert {
        ratio: None if value is None else str(value.quantize(Decimal("0.01")))
        for ratio, value in made.items()
    } == {
        **by_hand,
        **largest,
    }


@settings(max_examples=3, phases=NO_SHRINKING)
@given(amounts=st.lists(st.integers(-LARGEST_CENTS, LARGEST_CENTS), min_size=40, max_size=80))
def test_cents_and_back(spark: "SparkSession", amounts: list[int]) -> None:
    from pyspark.sql import functions as F

    texts = [str(Decimal(amount).scaleb(-2)) for amount in [*amounts, LARGEST_CENTS, 29, -29, 0]]
    rows = frame(spark, {"amount": MONEY}, [{"amount": text} for text in texts])

    made = rows.select(
        "amount", cents(F.col("amount")).alias("cents"), money(cents(F.col("amount"))).alias("back")
    )

    assert dict(made.dtypes) == {"amount": MONEY, "cents": "bigint", "back": MONEY}
    found = made.collect()
    assert [row["cents"] for row in found] == [*amounts, LARGEST_CENTS, 29, -29, 0]
    assert [row["back"] for row in found] == [Decimal(text) for text in texts]
