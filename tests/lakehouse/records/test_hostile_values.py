"""Values at the edge of their type, each with what silver makes of it; null breaks the rule `type:<column>`."""

from typing import TYPE_CHECKING

import pytest

from lakehouse.records.cast import typed_value
from tests.lakehouse.frames import as_printed, texts
from tests.oracle import values

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

VALUES: dict[str, tuple[str, str, str | None]] = {
    "not_a_number": ("decimal(18,2)", "NaN", None),
    "infinity": ("decimal(18,2)", "-Infinity", None),
    "not_a_number_as_double": ("double", "NaN", None),
    "infinity_as_double": ("double", "Infinity", None),
    "too_large_for_a_double": ("double", "1e999", None),
    "negative_money": ("decimal(18,2)", "-12.50", "-12.50"),
    "negative_money_of_an_accountant": ("decimal(18,2)", "(12.50)", None),
    "negative_money_with_the_sign_behind": ("decimal(18,2)", "12.50-", None),
    "negative_zero": ("decimal(18,2)", "-0.00", "0.00"),
    "over_precise_money_half_up": ("decimal(18,2)", "10.005", "10.01"),
    "over_precise_money_half_away_from_zero": ("decimal(18,2)", "-10.005", "-10.01"),
    "over_precise_money_below_half": ("decimal(18,2)", "10.00499999999999999999", "10.00"),
    "money_with_an_exponent": ("decimal(18,2)", "1.25E+3", "1250.00"),
    "key_with_an_exponent": ("bigint", "1E3", None),
    "thousands_with_commas": ("decimal(18,2)", "1,000.50", None),
    "thousands_with_points": ("decimal(18,2)", "1.000,50", None),
    "thousands_with_blanks": ("decimal(18,2)", "1 000.50", None),
    "thousands_with_apostrophes": ("decimal(18,2)", "1'000.50", None),
    "money_with_a_hard_blank": ("decimal(18,2)", "10\u00a0", None),
    "full_width_digits": ("bigint", "１２", None),
    "key_with_leading_zeros": ("bigint", "000123", "123"),
    "key_with_spaces": ("bigint", "  123 ", "123"),
    "text_key_keeps_zeros_spaces_and_case": ("string", " 00aB ", " 00aB "),
    "leap_day": ("date", "2024-02-29", "2024-02-29"),
    "leap_day_of_a_common_year": ("date", "2023-02-29", None),
    "leap_day_of_a_century": ("date", "1900-02-29", None),
    "leap_day_of_a_fourth_century": ("date", "2000-02-29", "2000-02-29"),
    "leap_second": ("timestamp", "2016-12-31T23:59:60Z", None),
    "hour_24": ("timestamp", "2025-04-01T24:00:00", None),
    "hour_that_new_york_skips": ("timestamp", "2025-03-09T02:30:00", "2025-03-09 02:30:00"),
    "hour_that_new_york_has_twice": ("timestamp", "2025-11-02T01:30:00", "2025-11-02 01:30:00"),
    "hour_that_new_york_has_twice_the_first": (
        "timestamp",
        "2025-11-02T01:30:00-04:00",
        "2025-11-02 05:30:00",
    ),
    "hour_that_new_york_has_twice_the_second": (
        "timestamp",
        "2025-11-02T01:30:00-05:00",
        "2025-11-02 06:30:00",
    ),
    "year_1": ("date", "0001-01-01", "0001-01-01"),
    "year_1_first_moment": ("timestamp", "0001-01-01T00:00:00Z", "0001-01-01 00:00:00"),
    "year_0": ("date", "0000-12-31", None),
    "year_0_by_its_zone": ("timestamp", "0001-01-01T00:00:00+01:00", None),
    "year_9999": ("date", "9999-12-31", "9999-12-31"),
    "year_9999_last_moment": ("timestamp", "9999-12-31T23:59:59.999999Z", "9999-12-31 23:59:59.999999"),
    "year_10000": ("date", "10000-01-01", None),
    "year_10000_by_its_zone": ("timestamp", "9999-12-31T23:30:00-01:00", None),
    "before_the_gregorian_calendar": ("timestamp", "1582-10-10T00:00:00Z", "1582-10-10 00:00:00"),
    "date_as_a_number": ("date", "45748", None),
    "day_before_month": ("date", "31/12/2025", None),
}
PARSERS = {
    "bigint": values.to_int64,
    "decimal(18,2)": values.to_amount,
    "date": values.to_date,
    "timestamp": values.to_timestamp,
}


@pytest.fixture(scope="module")
def made(spark: "SparkSession") -> dict[str, str | None]:
    from pyspark.sql import functions as F

    columns = [
        typed_value(F.lit(text), kind).cast("string").alias(name) for name, (kind, text, _) in VALUES.items()
    ]
    return spark.range(1).select(*columns).first().asDict()  # type: ignore[no-any-return]


@pytest.mark.parametrize("name", VALUES)
def test_it_becomes(made: dict[str, str | None], name: str) -> None:
    assert made[name] == VALUES[name][2]


def test_what_parses_can_be_stored(spark: "SparkSession", bucket: str, made: dict[str, str | None]) -> None:
    columns = [
        f"cast('{made[name]}' as {VALUES[name][0]}) as {name}" for name in made if made[name] is not None
    ]
    uri = f"s3://{bucket}/values"

    spark.sql(f"SELECT {', '.join(columns)}").write.format("delta").save(uri)

    stored = spark.read.format("delta").load(uri)
    (row,) = texts(stored)
    assert row == {name: value for name, value in made.items() if value is not None}


@pytest.mark.parametrize("name", [name for name, (kind, *_) in VALUES.items() if kind in PARSERS])
def test_the_oracle_agrees(name: str) -> None:
    kind, text, expected = VALUES[name]

    assert as_printed(PARSERS[kind](text)) == expected
