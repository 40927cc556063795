"""What the recorder has to know of a frame: channel, sequence number, whether it is an error.

Messages of many megabytes are not parsed for that. Where the members stand in the order in which the exchange sends
them, all that is needed is in the first bytes, and the last ones say that nothing was cut off; whatever looks different
is parsed as a whole.
Members: https://docs.cdp.coinbase.com/api-reference/advanced-trade-api/advanced-trade-asyncapi.json
"""

import json
import re
from dataclasses import dataclass
from typing import Any

_USUAL = re.compile(
    rb'\s*\{\s*"channel"\s*:\s*"([a-z0-9_]+)"\s*,'
    rb'(?:\s*"client_id"\s*:\s*"[^"\\]*"\s*,)?'
    rb'\s*"timestamp"\s*:\s*"[^"\\]*"\s*,'
    rb'\s*"sequence_num"\s*:\s*(0|[1-9][0-9]*)\s*[,}]'
)
_END = b"]}"
"""Of the events, and of the message. A level of a book ends in a brace too."""
_SHOWN = 300


@dataclass(frozen=True, slots=True)
class Frame:
    """Channel and sequence number, None where the frame has none that can be read.

    Attributes:
        channel: As the exchange names it, so `l2_data` for a subscription to `level2`.
        sequence_num: Of the connection, not of the channel.
        error: The exchange's words where the frame is `{"type": "error"}`.
    """

    channel: str | None = None
    sequence_num: int | None = None
    error: str | None = None


UNREADABLE = Frame()


def usual(payload: bytes) -> tuple[bytes, int] | None:
    """Channel and sequence number of a frame in the exchange's usual order that has its end; None for any other."""
    match = _USUAL.match(payload) if payload.rstrip().endswith(_END) else None
    return None if match is None else (match[1], int(match[2]))


def parsed(payload: bytes) -> Frame:
    """The same of any frame, by parsing the whole of it; never raises."""
    try:
        content = json.loads(payload)
    except (ValueError, RecursionError):
        return UNREADABLE
    if not isinstance(content, dict):
        return UNREADABLE
    if content.get("type") == "error":
        return Frame(error=str(content.get("message") or content.get("reason") or "no reason given")[:_SHOWN])
    channel = content.get("channel")
    return Frame(channel if isinstance(channel, str) else None, _whole(content.get("sequence_num")))


def events(payload: bytes) -> list[dict[str, Any]]:
    """The objects in `events`; none where the frame is malformed."""
    try:
        content = json.loads(payload)
        return [event for event in content["events"] if isinstance(event, dict)]
    except (ValueError, RecursionError, TypeError, KeyError):
        return []


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
