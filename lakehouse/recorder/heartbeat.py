"""Heartbeats: the exchange sends one a second, with a counter and its clock.

The counter comes as a number or as text, the time in ISO 8601 or as Go prints it, with a monotonic clock behind:
`2023-06-23 20:31:26.122969572 +0000 UTC m=+91717.525857105`
(https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis/websocket/websocket-channels#heartbeats-channel).
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from lakehouse.recorder.frame import events

_TIME = re.compile(
    r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?\s?(?:Z|([+-])(\d{2}):?(\d{2}))(?: [A-Z]{1,5})?"
    r"(?: m=[+-][0-9.]+)?\Z",
    re.ASCII,
)
_SECOND_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """None where a member is missing or cannot be read.

    Attributes:
        counter: Grows by one from heartbeat to heartbeat.
        time_ns: The exchange's clock, nanoseconds since 1970 UTC.
    """

    counter: int | None
    time_ns: int | None


def heartbeat(payload: bytes) -> Heartbeat | None:
    """The heartbeat of a frame of the channel `heartbeats`; None where it holds none."""
    found = next(iter(events(payload)), None)
    if found is None:
        return None
    return Heartbeat(_counter(found.get("heartbeat_counter")), time_ns(found.get("current_time")))


def time_ns(text: object) -> int | None:
    """Nanoseconds since 1970 UTC of a time in ISO 8601 or as Go prints it; None for anything else."""
    match = _TIME.match(text) if isinstance(text, str) else None
    if match is None:
        return None
    day, clock, fraction, sign, hours, minutes = match.groups()
    offset = timedelta(hours=int(hours), minutes=int(minutes)) if sign else timedelta()
    try:
        zone = timezone(-offset if sign == "-" else offset)
        moment = datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=zone)
    except ValueError:
        return None
    whole = round((moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())
    return whole * _SECOND_NS + int((fraction or "").ljust(9, "0"))


def _counter(value: object) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return int(value) if isinstance(value, str) and re.fullmatch("[0-9]{1,18}", value) else None
