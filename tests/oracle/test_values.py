from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from tests.oracle.values import to_amount, to_date, to_int32, to_int64, to_timestamp


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (10000, 10000),
        (10000.0, 10000),
        ("10000.0", 10000),
        (" 7 ", 7),
        ("-3", -3),
        ("1.5", None),
        ("1e3", None),
        ("seven", None),
        (str(2**63), None),
        (str(2**63 - 1), 2**63 - 1),
    ],
)
def test_whole_numbers(value: object, expected: int | None) -> None:
    assert to_int64(value) == expected


def test_whole_numbers_of_32_bits() -> None:
    assert (to_int32(2**31 - 1), to_int32(2**31)) == (2**31 - 1, None)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (229.53, "229.53"),
        (77, "77.00"),
        ("0.005", "0.01"),
        ("-0.005", "-0.01"),
        ("1e2", "100.00"),
        ("12,50", None),
        ("1_000", None),
        ("NaN", None),
        ("10000000000000000", None),
        ("9999999999999999.99", "9999999999999999.99"),
        ("9999999999999999.995", None),
        ("1e1000", None),
    ],
)
def test_amounts(value: object, expected: str | None) -> None:
    assert to_amount(value) == (None if expected is None else Decimal(expected))


@pytest.mark.parametrize("text", ["2025-04-01T10:00:00", "2025-04-01 10:00", "2025-04-01T12:00:00+02:00"])
def test_timestamps_are_utc(text: str) -> None:
    assert to_timestamp(text) == datetime(2025, 4, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["yesterday", "2025-13-01T00:00:00", "01.04.2025", "2025-04-01T25:00:00", "9999-12-31T23:30:00-01:00"],
)
def test_no_timestamps(text: str) -> None:
    assert to_timestamp(text) is None


@pytest.mark.parametrize("value", ["2025-04-01", datetime(2025, 4, 1, 9), date(2025, 4, 1)])  # noqa: DTZ001
def test_dates(value: object) -> None:
    assert to_date(value) == date(2025, 4, 1)


@pytest.mark.parametrize("text", ["2025-02-30", "20250401", "2025-W14-2", "n/a"])
def test_no_dates(text: str) -> None:
    assert to_date(text) is None
