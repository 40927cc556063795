"""One event that a function handles, its answer and its log."""

import json
import math
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from moto.logs.models import logs_backends

from local_aws.lambda_runs.process import run

LATEST = "$LATEST"


@dataclass(frozen=True)
class Invocation:
    """One event for a function.

    Attributes:
        function: moto's function.
        event: The event as JSON.
        request_id: Names the invocation, each try of it.
        stream: Log stream, in the group of the function.
    """

    function: Any
    event: bytes
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    stream: str = field(default_factory=lambda: f"{datetime.now(UTC):%Y/%m/%d}/[{LATEST}]{uuid.uuid4().hex}")


@dataclass(frozen=True)
class Outcome:
    """What a function answered.

    Attributes:
        payload: Its result as JSON, or its error.
        failed: Whether it is an error.
        log: What was logged.
    """

    payload: bytes
    failed: bool
    log: str


def invoke(invocation: Invocation) -> Outcome:
    """Run the handler to its end, or to the function's time-out, and log it."""
    function, request_id = invocation.function, invocation.request_id
    started = time.monotonic()
    ended = run(function, invocation.event, request_id, invocation.stream)
    milliseconds = (time.monotonic() - started) * 1000
    told = ended.outcome or {"error": _cut_short(ended.timed_out, ended.status, function.timeout, request_id)}
    failed = "error" in told
    log = (
        f"START RequestId: {request_id} Version: {LATEST}\n{ended.output}"
        f"{'' if ended.outcome else told['error']['errorMessage'] + chr(10)}"
        f"END RequestId: {request_id}\n"
        f"REPORT RequestId: {request_id}\tDuration: {milliseconds:.2f} ms\t"
        f"Billed Duration: {math.ceil(milliseconds)} ms\tMemory Size: {function.memory_size} MB\n"
    )
    _keep(function, invocation.stream, log)
    return Outcome(json.dumps(told["error"] if failed else told["result"]).encode(), failed, log)


def _cut_short(timed_out: bool, status: int, seconds: float, request_id: str) -> dict[str, str]:
    """The error of a process that left no answer."""
    if timed_out:
        kind, what = "Sandbox.Timedout", f"Task timed out after {seconds:.2f} seconds"
    else:
        kind = "Runtime.ExitError"
        how = f"signal: {-status}" if status < 0 else f"exit status {status}"
        what = f"Runtime exited with error: {how}" if status else "Runtime exited without providing a reason"
    return {"errorType": kind, "errorMessage": f"RequestId: {request_id} Error: {what}"}


def _keep(function: Any, stream: str, log: str) -> None:
    backend = logs_backends[function.account_id][function.region]
    backend.ensure_log_group(function.logs_group_name)
    backend.ensure_log_stream(function.logs_group_name, stream)
    now = int(time.time() * 1000)
    lines = [{"timestamp": now, "message": line} for line in log.splitlines() if line.strip()]
    backend.put_log_events(function.logs_group_name, stream, lines)
