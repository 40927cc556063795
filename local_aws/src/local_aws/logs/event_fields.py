"""Fields of a log event: those that every event has, and those discovered in JSON.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_AnalyzeLogData-discoverable-fields.html
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any

Row = dict[str, str]
"""Field → value as the event spells it; moments are epoch milliseconds until they are told."""

DISCOVERED_MAX = 200
_MOMENTS = {"@timestamp", "@ingestionTime"}


def fields_of(event: Any, stream: Any) -> Row:
    """All fields of an event of moto's."""
    discovered = islice(_discovered(event.message), DISCOVERED_MAX)
    return {
        **dict(discovered),
        "@timestamp": str(event.timestamp),
        "@message": event.message,
        "@ingestionTime": str(event.ingestion_time),
        "@logStream": stream.log_stream_name,
        "@log": f"{stream.account_id}:{stream.log_group.name}",
        "@ptr": str(event.event_id),
    }


def told(name: str, value: str) -> str:
    """A field's value as results show it."""
    if name not in _MOMENTS:
        return value
    moment = datetime.fromtimestamp(int(value) / 1000, UTC)
    return f"{moment:%Y-%m-%d %H:%M:%S}.{int(value) % 1000:03d}"


def _discovered(message: str) -> Iterator[tuple[str, str]]:
    if not message.lstrip().startswith("{"):
        return
    try:
        document = json.loads(message, parse_int=str, parse_float=str)
    except ValueError:
        return
    for name, value in _flat(document, ()):
        yield f"@{name}" if name.startswith("@") else name, value


def _flat(value: Any, path: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _flat(item, (*path, key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _flat(item, (*path, str(number)))
    elif value is not None:
        yield ".".join(path), value if isinstance(value, str) else json.dumps(value)
