"""Read what a recorder wrote, with nothing of the recorder."""

import base64
import json
from typing import Any

from lakehouse.storage.objects.store import ObjectStore


def lines_of(store: ObjectStore) -> list[dict[str, Any]]:
    """All lines of all segments in `raw/ready/coinbase`, in the order of their names."""
    paths = store.list_files("raw/ready/coinbase", "segment_*.ndjson")
    return [line for path in paths for line in parsed(store.read(path))]


def parsed(content: bytes) -> list[dict[str, Any]]:
    assert content.endswith(b"\n"), "a segment ends with a whole line"
    return [json.loads(line) for line in content[:-1].split(b"\n")]


def payload_of(line: dict[str, Any]) -> bytes:
    """The frame, byte for byte."""
    if "payload" in line:
        return str(line["payload"]).encode()
    return base64.b64decode(line["payload_base64"], validate=True)
