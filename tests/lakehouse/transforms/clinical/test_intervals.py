"""Intervals against published figures, and against what defines them."""

import math
from typing import TYPE_CHECKING

import pytest

from tests.lakehouse.frames import frame, texts

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17 (1998), table I,
# method 3 (score): https://doi.org/10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E
NEWCOMBE = {
    (81, 263): ("0.2553", "0.3662"),
    (15, 148): ("0.0624", "0.1605"),
    (0, 20): ("0.0000", "0.1611"),
    (1, 29): ("0.0061", "0.1718"),
}
# Limits of a Poisson count at 95 %, as in Garwood's table: https://doi.org/10.1093/biomet/28.3-4.437
GARWOOD = {0: ("0.000", "3.689"), 1: ("0.025", "5.572"), 5: ("1.623", "11.668"), 10: ("4.795", "18.390")}
type Pair = tuple[int, int]
type Limits = tuple[str | None, str | None, str | None]

COUNTS = [*GARWOOD, 2, 3, 20, 50, 100, 137]


@pytest.fixture(scope="module")
def proportions(spark: "SparkSession") -> dict[Pair, Limits]:
    from pyspark.sql import functions as F

    from lakehouse.transforms.clinical.intervals import rate, wilson

    pairs = [*NEWCOMBE, (20, 20), (1, 3), (2, 3), (1, 8), (0, 0)]
    data = frame(spark, {"x": "bigint", "n": "bigint"}, [{"x": x, "n": n} for x, n in pairs])
    lower, upper = wilson(F.col("x"), F.col("n"))
    found = texts(
        data.select("x", "n", rate(F.col("x"), F.col("n")).alias("rate"), lower.alias("l"), upper.alias("u"))
    )
    return {(int(r["x"] or 0), int(r["n"] or 0)): (r["rate"], r["l"], r["u"]) for r in found}


@pytest.mark.parametrize("pair", NEWCOMBE, ids=str)
def test_wilson_as_published(proportions: dict[Pair, Limits], pair: Pair) -> None:
    _, *limits = proportions[pair]

    assert tuple(f"{float(limit or 'nan'):.4f}" for limit in limits) == NEWCOMBE[pair]


def test_wilson_ends_at_one_where_everybody_counts(
    proportions: dict[Pair, Limits],
) -> None:
    """The mirror image of 0 of 20."""
    assert proportions[20, 20] == ("1.000000", "0.838875", "1.000000")
    assert proportions[0, 20] == ("0.000000", "0.000000", "0.161125")


def test_rates_are_rounded_half_up(proportions: dict[Pair, Limits]) -> None:
    assert [proportions[pair][0] for pair in ((1, 3), (2, 3), (1, 8))] == ["0.333333", "0.666667", "0.125000"]


def test_nothing_of_nothing_has_no_rate(proportions: dict[Pair, Limits]) -> None:
    assert proportions[0, 0] == (None, None, None)


@pytest.fixture(scope="module")
def limits(spark: "SparkSession") -> dict[int, tuple[float, float]]:
    """Count → limits of the count, per one day."""
    from pyspark.sql import functions as F

    from lakehouse.transforms.clinical.intervals import poisson

    data = frame(spark, {"x": "bigint", "days": "bigint"}, [{"x": x, "days": 1} for x in COUNTS])
    lower, upper = poisson(F.col("x"), F.col("days"))
    found = texts(data.select("x", lower.alias("l"), upper.alias("u")))
    return {int(row["x"] or 0): (float(row["l"] or "nan"), float(row["u"] or "nan")) for row in found}


@pytest.mark.parametrize("count", GARWOOD)
def test_poisson_as_published(limits: dict[int, tuple[float, float]], count: int) -> None:
    assert tuple(f"{limit:.3f}" for limit in limits[count]) == GARWOOD[count]


@pytest.mark.parametrize("count", COUNTS)
def test_beyond_each_limit_the_count_would_have_a_chance_of_1_in_40(
    limits: dict[int, tuple[float, float]], count: int
) -> None:
    """At the lower limit so many or more, at the upper so many or fewer are seen with 2.5 %."""
    lower, upper = limits[count]

    assert at_most(count, upper) == pytest.approx(0.025, abs=1e-6)
    if count:
        assert 1 - at_most(count - 1, lower) == pytest.approx(0.025, abs=1e-6)


def at_most(count: int, mean: float) -> float:
    return math.fsum(math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(count + 1))


def test_a_rate_per_days(spark: "SparkSession") -> None:
    """5 in 2,000 patient-days are 25 per 10,000; the limits 1.6235 and 11.6683 become 8.117 and 58.342."""
    from pyspark.sql import functions as F

    from lakehouse.transforms.clinical.intervals import poisson, rate

    data = frame(spark, {"x": "bigint", "days": "bigint"}, [{"x": 5, "days": 2000}, {"x": 0, "days": 0}])
    x, days = F.col("x"), F.col("days")
    lower, upper = (limit * 10_000 for limit in poisson(x, days))
    rows = texts(data.select(rate(x * 10_000, days).alias("rate"), lower.alias("l"), upper.alias("u")))

    assert [f"{float(value or 'nan'):.3f}" for value in rows[0].values()] == ["25.000", "8.117", "58.342"]
    assert [*rows[1].values()] == [None, None, None]
