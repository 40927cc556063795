"""Dates that are known in part.

The examples are those of SQL on FHIR's test `fn_boundary` and of FHIRPath's specification, and what FHIR's definition
of dateTime refuses.
"""

import pytest

from lakehouse.fhir.times import NoTime, high_boundary, is_not_after, low_boundary, precision


@pytest.mark.parametrize(
    ("text", "digits", "low", "high", "day"),
    [
        ("2010", 4, "2010-01-01T00:00:00.000+14:00", "2010-12-31T23:59:59.999-12:00", "2010-01-01"),
        ("1970-06", 6, "1970-06-01T00:00:00.000+14:00", "1970-06-30T23:59:59.999-12:00", "1970-06-01"),
        ("2010-10-10", 8, "2010-10-10T00:00:00.000+14:00", "2010-10-10T23:59:59.999-12:00", "2010-10-10"),
        ("2024-02", 6, "2024-02-01T00:00:00.000+14:00", "2024-02-29T23:59:59.999-12:00", "2024-02-01"),
        ("1900-02", 6, "1900-02-01T00:00:00.000+14:00", "1900-02-28T23:59:59.999-12:00", "1900-02-01"),
        ("2025-03-05T10:20Z", 12, "2025-03-05T10:20:00.000Z", "2025-03-05T10:20:59.999Z", "2025-03-05"),
        (
            "2025-03-05T23:20:30+02:00",
            14,
            "2025-03-05T23:20:30.000+02:00",
            "2025-03-05T23:20:30.999+02:00",
            "2025-03-05",
        ),
        ("2025-03-05T10:20:30.123-05:30", 17, *["2025-03-05T10:20:30.123-05:30"] * 2, "2025-03-05"),
        ("2025-03-05T10:20:30.1Z", 15, *["2025-03-05T10:20:30.100Z"] * 2, "2025-03-05"),
        ("2025-03-05T10:20:30.123456789Z", 17, *["2025-03-05T10:20:30.123456Z"] * 2, "2025-03-05"),
    ],
)
def test_boundaries(text: str, digits: int, low: str, high: str, day: str) -> None:
    assert precision(text) == digits
    assert (low_boundary(text), high_boundary(text), low_boundary(text, 8)) == (low, high, day)


def test_the_last_day_of_what_is_known() -> None:
    assert [high_boundary(text, 8) for text in ("2024", "2024-02", "2024-04", "2024-02-03")] == [
        "2024-12-31",
        "2024-02-29",
        "2024-04-30",
        "2024-02-03",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "2025-02-30",
        "2025-13",
        "2025-2-3",
        "0000",
        "25",
        "",
        " 2025",
        "2025-03-05T24:00:00Z",
        "2025-03-05T10Z",
        "2025-03-05T10:20:30",
        "2025-03-05 10:20:30Z",
        "2025-03-05T10:20:30z",
        "2025-03-05T10:20:30+0200",
        "2025-03-05T10:20:30+25:00",
        "2025-03-05T10:20:60Z",
        "2025Z",
        "٢٠٢٥",
        "soon",
        "2025\n",
    ],
)
def test_what_is_no_time_stays_as_it_is_and_is_known_for_it(text: str) -> None:
    assert precision(text) is None
    for boundary in (low_boundary(text), high_boundary(text), low_boundary(text, 8)):
        assert isinstance(boundary, NoTime)
        assert boundary == text


@pytest.mark.parametrize(
    ("first", "second", "truth"),
    [
        ("2025-03-05T10:00:00.000+02:00", "2025-03-05T08:00:00.000Z", True),
        ("2025-03-05T10:00:00.000+02:00", "2025-03-05T07:59:59.999Z", False),
        ("2025-03-05", "2025-03-05", True),
        ("2025-03-06", "2025-03-05", False),
        ("2025-03-05", "2025-03-05T07:59:59.999Z", None),
        (NoTime("2025-02-30"), "2025-03-05", None),
        ("9999-12-31T23:59:59.999-12:00", "0001-01-01T00:00:00.000+14:00", False),
    ],
)
def test_comparison_is_of_instants(first: str, second: str, truth: bool | None) -> None:
    assert is_not_after(first, second) is truth
