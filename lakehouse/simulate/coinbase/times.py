"""Instants of the exchange, in nanoseconds since 1970 (UTC), and how the feed writes them."""

from datetime import UTC, datetime
from functools import lru_cache

SECOND = 1_000_000_000
MINUTE = 60 * SECOND
MICROSECOND = 1_000
MILLISECOND = 1_000 * MICROSECOND


def nanoseconds(instant: datetime) -> int:
    """The instant, which has a zone, to the microsecond."""
    whole = int(instant.replace(microsecond=0).timestamp())
    return whole * SECOND + instant.microsecond * MICROSECOND


@lru_cache(maxsize=64)
def _second(seconds: int, separator: str) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime(f"%Y-%m-%d{separator}%H:%M:%S")


def rfc3339(instant: int) -> str:
    """As Go's RFC3339Nano: up to nine digits behind the second, without zeros at their end."""
    seconds, rest = divmod(instant, SECOND)
    if not rest:
        return f"{_second(seconds, 'T')}Z"
    return f"{_second(seconds, 'T')}.{rest:09d}".rstrip("0") + "Z"


def go_time(instant: int, running: int) -> str:
    """As Go prints a time with its monotonic clock, which has run for so many nanoseconds.

    Heartbeats of the public feed look like that: `2023-06-23 20:31:26.122969572 +0000 UTC m=+91717.525857105`.
    """
    seconds, rest = divmod(instant, SECOND)
    fraction = f".{rest:09d}".rstrip("0") if rest else ""
    return f"{_second(seconds, ' ')}{fraction} +0000 UTC m=+{running // SECOND}.{running % SECOND:09d}"


def iso_with_offset(instant: int) -> str:
    """As recorded heartbeats have it: `2026-04-07 14:30:10.000000000+00:00`."""
    seconds, rest = divmod(instant, SECOND)
    return f"{_second(seconds, ' ')}.{rest:09d}+00:00"
