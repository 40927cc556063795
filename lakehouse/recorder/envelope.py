r"""One line of a segment: a flat JSON object around a received frame, or around an event of the recorder.

| member | in | |
| --- | --- | --- |
| `kind` | every line | `message`, `gap`, `connected`, `disconnected` |
| `recorder_id` | every line | 32 hexadecimal digits, new with every start of the recorder |
| `connection_id` | every line | 32 hexadecimal digits, new with every connection |
| `counter` | every line | 0, 1, 2, … of one `recorder_id`, without holes over all its segments |
| `received_ns` | every line | nanoseconds since 1970 UTC, when the frame was read or the event noticed |
| `payload` | `message` | the frame as text; unescaped and in UTF-8 it is the frame, byte for byte |
| `payload_base64` | `message` | instead of `payload` where the frame is no UTF-8: base64 (RFC 4648) of its bytes |
| `is_duplicate` | `message` | `true` where the connection had brought this sequence number before; else absent |
| `expected_sequence`, `received_sequence` | `gap` | messages from the first up to before the second are missing |
| `products`, `channels` | `gap`, `connected` | what the connection is subscribed to, thus what the gap concerns |
| `endpoint` | `connected` | URL |
| `reason` | `disconnected` | why, in words |
"""

from base64 import b64encode
from json import dumps
from json.encoder import encode_basestring
from typing import Literal
from uuid import uuid4

EventKind = Literal["gap", "connected", "disconnected"]


class Envelope:
    """Makes the lines of one life of the recorder and counts them."""

    def __init__(self) -> None:
        self.recorder_id = uuid4().hex
        self.counter = 0
        """Of the next line."""
        self._message = f'{{"kind":"message","recorder_id":"{self.recorder_id}","connection_id":"'

    def message(
        self, connection_id: str, received_ns: int, payload: bytes, *, is_duplicate: bool = False
    ) -> bytes:
        """The line of a frame, with its line feed."""
        try:
            body = f'"payload":{encode_basestring(payload.decode())}'
        except UnicodeDecodeError:
            body = f'"payload_base64":"{b64encode(payload).decode()}"'
        counter = self.counter
        self.counter = counter + 1
        duplicate = '"is_duplicate":true,' if is_duplicate else ""
        line = f'{self._message}{connection_id}","counter":{counter},"received_ns":{received_ns},{duplicate}{body}}}\n'
        return line.encode()

    def event(
        self, kind: EventKind, connection_id: str, received_ns: int, **members: str | int | list[str]
    ) -> bytes:
        """The line of an event, with its line feed."""
        head = {
            "kind": kind,
            "recorder_id": self.recorder_id,
            "connection_id": connection_id,
            "counter": self.counter,
            "received_ns": received_ns,
        }
        self.counter += 1
        return dumps(head | members, separators=(",", ":")).encode() + b"\n"
