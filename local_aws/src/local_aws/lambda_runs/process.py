"""The process of one invocation."""

import atexit
import contextlib
import io
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moto.sts.models import sts_backends

BOOTSTRAP = Path(__file__).with_name("bootstrap.py")
INIT_SECONDS = 10
OUTPUT_BYTES_MAX = 1_000_000
_HOUR_SECONDS = 3600
_RUNNING: set["subprocess.Popen[bytes]"] = set()
_CODE = tempfile.TemporaryDirectory(prefix="local-aws-functions-")
_UNPACKING = threading.Lock()


@dataclass(frozen=True)
class Ended:
    """How a process ended.

    Attributes:
        outcome: ``{"result": …}`` or ``{"error": …}``; None if the process left none.
        output: What it printed.
        status: Exit status; below zero the number of the signal that ended it.
        timed_out: Whether it was ended because its time was over.
    """

    outcome: dict[str, Any] | None
    output: str
    status: int
    timed_out: bool


def run(function: Any, event: bytes, request_id: str, stream: str) -> Ended:
    """Run a function's handler; the time-out begins when the code is imported, or after ten seconds."""
    with tempfile.TemporaryDirectory(prefix="local-aws-lambda-") as folder:
        given, output, result = (Path(folder) / name for name in ("event", "output", "result"))
        given.write_bytes(event)
        ready, told_ready = os.pipe()
        told = {"result": str(result), "ready": told_ready, "request_id": request_id}
        told |= {"timeout": function.timeout, "arn": function.function_arn}
        with given.open("rb") as source, output.open("wb") as sink:
            process = subprocess.Popen(
                [sys.executable, "-P", "-s", str(BOOTSTRAP), json.dumps(told)],
                cwd=_code_of(function),
                env=_environment(function, stream),
                stdin=source,
                stdout=sink,
                stderr=subprocess.STDOUT,
                pass_fds=(told_ready,),
                start_new_session=True,
            )
        _RUNNING.add(process)
        os.close(told_ready)
        with os.fdopen(ready, "rb") as end:
            select.select([end], [], [], INIT_SECONDS)
        timed_out = False
        try:
            process.wait(function.timeout)
        except subprocess.TimeoutExpired:
            timed_out = True
        _kill(process)
        outcome = None if timed_out or not result.exists() else json.loads(result.read_text())
        text = output.read_bytes()[:OUTPUT_BYTES_MAX].decode(errors="replace")
    return Ended(
        outcome, text if text.endswith("\n") or not text else f"{text}\n", process.returncode, timed_out
    )


def _code_of(function: Any) -> Path:
    """The folder of the unpacked zip, one for each content."""
    folder = Path(_CODE.name, str(function.code_digest))
    with _UNPACKING:
        if not folder.exists():
            with zipfile.ZipFile(io.BytesIO(function.code_bytes)) as package:
                package.extractall(folder)
    return folder


def _environment(function: Any, stream: str) -> dict[str, str]:
    """What Lambda sets, and the function's own variables; its credentials are those of its role."""
    session = sts_backends[function.account_id]["aws"].assume_role(
        function.region, function.function_name, function.role, "", _HOUR_SECONDS, ""
    )
    code = str(_code_of(function))
    own = {str(name): str(value) for name, value in function.environment_vars.items()}
    return own | {
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "PYTHONPATH": code,
        "PYTHONUNBUFFERED": "1",
        "_HANDLER": str(function.handler),
        "LAMBDA_TASK_ROOT": code,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.run_time}",
        "AWS_LAMBDA_FUNCTION_NAME": function.function_name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_size),
        "AWS_LAMBDA_LOG_GROUP_NAME": function.logs_group_name,
        "AWS_LAMBDA_LOG_STREAM_NAME": stream,
        "AWS_REGION": function.region,
        "AWS_DEFAULT_REGION": function.region,
        "AWS_ACCESS_KEY_ID": session.access_key_id,
        "AWS_SECRET_ACCESS_KEY": session.secret_access_key,
        "AWS_SESSION_TOKEN": session.session_token,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{os.environ['MOTO_PORT']}",
    }


def _kill(process: "subprocess.Popen[bytes]") -> None:
    """End a process and all that it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    _RUNNING.discard(process)


@atexit.register
def _kill_all() -> None:
    for process in list(_RUNNING):
        _kill(process)
