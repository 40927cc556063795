"""Length of stay, worked out by hand."""

from typing import TYPE_CHECKING

import pytest

from tests.lakehouse.frames import texts
from tests.lakehouse.transforms.clinical.clinic import organization, silver, stay

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

ENCOUNTERS = [
    # March: 1 (same day), 4, 4, 10 days.
    stay("same day", "2025-03-10 08:00:00", "2025-03-10 20:00:00"),
    stay("four", "2025-03-11 23:59:00", "2025-03-15 00:01:00"),
    stay("four over February", "2025-02-26 10:00:00", "2025-03-02 10:00:00"),
    stay("ten", "2025-03-16 10:00:00", "2025-03-26 10:00:00"),
    # Alone in its month.
    stay("alone", "2025-04-01 10:00:00", "2025-04-03 10:00:00"),
    stay("open", "2025-04-10 10:00:00"),
    stay("ambulatory", "2025-03-10 08:00:00", "2025-03-20 20:00:00", class_code="AMB"),
    # In New York the clock goes from 02:00 to 03:00 on 9 March. There, the stay begins on the 7th at 22:30 and ends on
    # the 9th at 23:30: two days, of the month in which 31 March, 23:30 lies for the other.
    stay("over the change", "2025-03-08 03:30:00", "2025-03-10 03:30:00", organization_id="ny"),
    stay("end of the month", "2025-03-31 03:30:00", "2025-04-01 03:30:00", organization_id="ny"),
]
FIGURES = ("discharges", "patient_days", "mean_days", "standard_deviation_days", "median_days", "p90_days")


@pytest.fixture(scope="module")
def rows(spark: "SparkSession") -> dict[tuple[str | None, str | None], list[str | None]]:
    """(hospital, month) → figures."""
    from lakehouse.transforms.clinical.gold.average_length_of_stay import transform

    made = silver(
        spark, encounter=ENCOUNTERS, organization=[organization(), organization("ny", "America/New_York")]
    )
    table = transform(**{name: made[name] for name in ("encounter", "organization", "patient")})
    return {(row["hospital_id"], row["month"]): [row[name] for name in FIGURES] for row in texts(table)}


def test_days_of_the_stays_that_ended_in_a_month(
    rows: dict[tuple[str | None, str | None], list[str | None]],
) -> None:
    """1, 4, 4, 10: mean 19/4, deviations −3.75, −0.75, −0.75, 5.25, so the variance is 42.75/3 = 14.25.

    The 90th percentile lies 0.9 × 3 = 2.7 steps after the first: 4 + 0.7 × 6.
    """
    assert rows["h1", "2025-03-01"] == ["4", "19", "4.750000", "3.774917", "4.000000", "8.200000"]


def test_one_stay_has_no_standard_deviation(
    rows: dict[tuple[str | None, str | None], list[str | None]],
) -> None:
    assert rows["h1", "2025-04-01"] == ["1", "2", "2.000000", None, "2.000000", "2.000000"]


def test_the_time_zone_of_the_hospital_decides_the_day(
    rows: dict[tuple[str | None, str | None], list[str | None]],
) -> None:
    assert rows["ny", "2025-03-01"] == ["2", "3", "1.500000", "0.707107", "1.500000", "1.900000"]


def test_nothing_else_counts(rows: dict[tuple[str | None, str | None], list[str | None]]) -> None:
    assert {*rows} == {("h1", "2025-03-01"), ("h1", "2025-04-01"), ("ny", "2025-03-01")}
