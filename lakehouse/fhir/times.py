"""FHIR dates and times, which may be less precise than a day or a second, and their boundaries.

Types: https://hl7.org/fhir/R4/datatypes.html#dateTime. Functions: https://build.fhir.org/ig/HL7/FHIRPath/#boundary-functions.
"""

import re
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

_FORM = re.compile(
    r"(?P<year>[0-9]{4})(?:-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2})"
    r"(?:T(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:\.(?P<fraction>[0-9]+))?)?"
    r"(?P<offset>Z|[+-][0-9]{2}:[0-9]{2}))?)?)?"
)
_DAY, _MILLISECOND = 8, 17
_LOWEST = ("0001", "01", "01", "00", "00", "00", "000")
_HIGHEST = ("9999", "12", "", "23", "59", "59", "999")
_EARLIEST_OFFSET, _LATEST_OFFSET = "+14:00", "-12:00"
_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class NoTime(str):
    """Text that is no date and no time, such as 2025-02-30 or a time of day without an offset."""

    __slots__ = ()


class _Parts(NamedTuple):
    """What is written of year, month, day, hour, minute, second and fraction, and the offset."""

    written: tuple[str, ...]
    offset: str | None


def precision(text: str) -> int | None:
    """Digits that are written of yyyyMMddHHmmssSSS; None for what is no time."""
    parts = _parse(text)
    return None if parts is None else min(sum(map(len, parts.written)), _MILLISECOND)


@lru_cache(maxsize=64)
def low_boundary(text: str, digits: int = _MILLISECOND) -> str:
    """The earliest moment that a time may stand for: a date for 8 digits, else to the millisecond, with an offset.

    A date is without an offset, and begins where the earliest zone is, at +14:00. Text that is no time is NoTime.
    """
    parts = _parse(text)
    if parts is None:
        return NoTime(text)
    return _written(
        (*parts.written, *_LOWEST[len(parts.written) :]), parts.offset or _EARLIEST_OFFSET, digits
    )


@lru_cache(maxsize=64)
def high_boundary(text: str, digits: int = _MILLISECOND) -> str:
    """The latest moment that a time may stand for, as `low_boundary` the earliest; a date ends at -12:00."""
    parts = _parse(text)
    if parts is None:
        return NoTime(text)
    year, month = (*parts.written, *_HIGHEST[len(parts.written) :])[:2]
    highest = (*_HIGHEST[:2], str(_days_of(int(year), int(month))), *_HIGHEST[3:])
    return _written((*parts.written, *highest[len(parts.written) :]), parts.offset or _LATEST_OFFSET, digits)


def is_not_after(first: str, second: str) -> bool | None:
    """Whether a boundary is at or before another one; None where either is no time, or only one is a date."""
    if isinstance(first, NoTime) or isinstance(second, NoTime) or ("T" in first) != ("T" in second):
        return None
    return datetime.fromisoformat(first) <= datetime.fromisoformat(second)


# The paths of a view ask for one time again and again.
@lru_cache(maxsize=64)
def _parse(text: str) -> _Parts | None:
    found = _FORM.fullmatch(text)
    if found is None:
        return None
    written = tuple(part for part in found.groups()[:7] if part is not None)
    full = [int(part) for part in (*written[:6], *_LOWEST[len(written) : 6])]
    try:
        datetime(*full)  # type: ignore[arg-type]  # noqa: DTZ001
        if found["offset"]:
            datetime.fromisoformat(f"2000-01-01T00:00:00{found['offset']}")
    except ValueError:
        return None
    return _Parts(written, found["offset"])


def _written(parts: tuple[str, ...], offset: str, digits: int) -> str:
    date = "-".join(parts[:3])
    if digits == _DAY:
        return date
    # What is finer than a microsecond, no engine keeps.
    fraction = parts[6].ljust(3, "0")[:6]
    return f"{date}T{':'.join(parts[3:6])}.{fraction}{offset}"


def _days_of(year: int, month: int) -> int:
    is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 29 if month == 2 and is_leap else _DAYS[month - 1]  # noqa: PLR2004 - February
