"""Months that are others when the end of data moves: both measures look 30 days ahead."""

from datetime import date

import pytest

from lakehouse.transforms.clinical.end_of_data import END_OF_DATA

JANUARY, FEBRUARY, MARCH = (date(2024, month, 1) for month in (1, 2, 3))
NONE: set[date] = set()


@pytest.mark.parametrize(
    ("table", "earlier", "later", "months"),
    [
        # Who was discharged on 31 January is followed through 1 March.
        ("readmission", date(2024, 2, 29), date(2024, 3, 1), {JANUARY}),
        ("readmission", date(2024, 3, 1), date(2024, 3, 2), {FEBRUARY}),
        ("readmission", date(2024, 2, 29), date(2024, 3, 2), {JANUARY, FEBRUARY}),
        ("measure_evidence", date(2024, 3, 1), date(2024, 3, 2), {FEBRUARY}),
        # January is complete with 1 March.
        ("mortality", date(2024, 2, 29), date(2024, 3, 1), {JANUARY}),
        ("mortality", date(2024, 3, 1), date(2024, 3, 2), NONE),
        ("mortality", date(2024, 2, 28), date(2024, 2, 29), NONE),
        ("mortality", date(2024, 2, 29), date(2024, 3, 30), {JANUARY, FEBRUARY}),
        # Open stays go on from the day after the earlier end through the later.
        ("infection", date(2024, 2, 28), date(2024, 2, 29), {FEBRUARY}),
        ("infection", date(2024, 2, 29), date(2024, 3, 1), {MARCH}),
        ("infection", date(2024, 1, 30), date(2024, 3, 1), {JANUARY, FEBRUARY, MARCH}),
    ],
)
def test_months_that_are_others(table: str, earlier: date, later: date, months: set[date]) -> None:
    assert END_OF_DATA[table].months(earlier, later) == months


@pytest.mark.parametrize("table", END_OF_DATA)
def test_an_end_that_stays_decides_nothing(table: str) -> None:
    assert END_OF_DATA[table].months(date(2024, 2, 29), date(2024, 2, 29)) == NONE
