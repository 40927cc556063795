"""Delivered values as Python values; None where a value is not of the type."""

import re
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal

BLANKS = " \t\r\n"
CENT = Decimal("0.01")
LARGEST_AMOUNT = Decimal(10) ** 16
"""decimal(18,2) holds 16 digits before the point."""
WHOLE = re.compile(r"([+-]?\d+)(\.0*)?", re.ASCII)
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
DAY = re.compile(r"(\d{4}-\d\d-\d\d)([T ].*)?", re.ASCII)
MOMENT = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)?)?", re.ASCII)


def to_int64(value: object) -> int | None:
    """A whole number, `10000` or `10000.0`, of 64 bits."""
    return _whole(value, bits=64)


def to_int32(value: object) -> int | None:
    """A whole number of 32 bits."""
    return _whole(value, bits=32)


def to_amount(value: object) -> Decimal | None:
    """Money, rounded half up to cents."""
    text = str(value).strip(BLANKS)
    if not NUMBER.fullmatch(text):
        return None
    number = Decimal(text)
    if abs(number) >= LARGEST_AMOUNT:  # too many digits to quantize
        return None
    amount = number.quantize(CENT, ROUND_HALF_UP) + 0  # no negative zero
    return amount if abs(amount) < LARGEST_AMOUNT else None


def to_timestamp(value: object) -> datetime | None:
    """ISO 8601; without a zone it is UTC."""
    text = value.isoformat() if isinstance(value, datetime) else str(value).strip(BLANKS)
    if not MOMENT.fullmatch(text):
        return None
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def to_date(value: object) -> date | None:
    """An ISO 8601 date; a time behind it is dropped."""
    found = DAY.fullmatch(str(value).strip(BLANKS))
    try:
        return date.fromisoformat(found[1]) if found else None
    except ValueError:
        return None


def to_text(value: object) -> str:
    """Text as it came."""
    return str(value)


def _whole(value: object, bits: int) -> int | None:
    match = WHOLE.fullmatch(str(value).strip(BLANKS))
    if not match:
        return None
    number = int(match[1])
    return number if -(2 ** (bits - 1)) <= number < 2 ** (bits - 1) else None
