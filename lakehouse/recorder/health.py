"""A health endpoint for load balancers and container runtimes: `GET /health`, 200 while frames come, else 503."""

import asyncio
import json
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from lakehouse.recorder.counts import Counts

_REQUEST_SECONDS = 5


def health(counts: Counts, silence: float) -> tuple[bool, dict[str, Any]]:
    """Whether the recorder does its work, and what says so.

    Args:
        counts: The recorder's.
        silence: Seconds without a message after which it does not.
    """
    quiet = time.monotonic() - counts.last_received if counts.last_received else None
    healthy = counts.is_connected and quiet is not None and quiet < silence
    return healthy, {
        "status": "recording" if healthy else "not recording",
        "connected": counts.is_connected,
        "seconds_since_message": quiet and round(quiet, 3),
        "messages": counts.messages,
        "acknowledged": counts.acknowledged,
        "gaps": counts.gaps,
        "acknowledge_lag_ms": counts.acknowledge_lag_ns / 1e6,
    }


async def serve(port: int, look: Callable[[], tuple[bool, dict[str, Any]]]) -> asyncio.Server:
    """Answer on all addresses, as a container must; raises OSError when the port is taken."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_REQUEST_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
            writer.write(_response(head, look))
            await writer.drain()
        except (TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()

    return await asyncio.start_server(answer, "0.0.0.0", port)  # noqa: S104


def _response(head: bytes, look: Callable[[], tuple[bool, dict[str, Any]]]) -> bytes:
    words = head.split(b" ", 2)
    if words[0] not in {b"GET", b"HEAD"} or words[1] not in {b"/", b"/health"}:
        status, content = HTTPStatus.NOT_FOUND, {"status": "ask for GET /health"}
    else:
        healthy, content = look()
        status = HTTPStatus.OK if healthy else HTTPStatus.SERVICE_UNAVAILABLE
    body = json.dumps(content).encode()
    lines = (
        f"HTTP/1.1 {status.value} {status.phrase}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "Connection: close",
    )
    return "\r\n".join((*lines, "", "")).encode() + (b"" if words[0] == b"HEAD" else body)
