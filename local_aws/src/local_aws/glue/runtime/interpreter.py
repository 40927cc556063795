"""A Glue interpreter with its heavy imports done, which forks one process per job.

Executed by the Glue interpreter. Argument 1 is the number of a Unix socket; argument 2, if given, a folder of
packages that goes first. A message ``{"task": path}`` comes with two descriptors, standard output and error;
the answers are ``{"pid": n}`` and, when the job has ended, ``{"exit": code}``.
"""

import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
from collections.abc import Callable

PRELOADED = (
    *("pyspark.sql", "pyspark.sql.functions", "pyspark.sql.types", "pyspark.sql.classic.dataframe"),
    *("delta.tables", "py4j.java_gateway", "numpy", "pandas", "pyarrow", "boto3", "botocore.client"),
    *("yaml", "orjson", "pydantic", "great_expectations", "urllib.request", "zoneinfo"),
)
POLL_SECONDS = 0.01
MESSAGE_BYTES_MAX = 65536


def main(descriptor: int, packages: list[str]) -> int:
    """Serve until the socket closes; in a forked process, run its job."""
    control = socket.socket(fileno=descriptor)
    # Beside this file: found, and found by its name, only until the scripts' own modules come.
    run: Callable[[str], int] = importlib.import_module("job").run
    del sys.modules["job"]
    sys.path[:1] = packages
    for name in PRELOADED:
        # A module that the environment lacks, or has in part, is the job's to miss.
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    gc.collect()
    gc.freeze()
    _say(control, "ready", 1)
    while True:
        data, descriptors, _, _ = socket.recv_fds(control, MESSAGE_BYTES_MAX, 2)
        if not data:
            return 0
        pid = os.fork()
        if pid == 0:
            control.close()
            _attach(descriptors)
            return run(json.loads(data)["task"])
        for received in descriptors:
            os.close(received)
        _say(control, "pid", pid)
        _say(control, "exit", _wait(pid, control))


def _attach(descriptors: list[int]) -> None:
    """Make the process a session of its own, so that a kill reaches what it starts; connect its output."""
    os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    null = os.open(os.devnull, os.O_RDONLY)
    for source, target in zip((null, *descriptors), (0, 1, 2), strict=True):
        os.dup2(source, target)
        os.close(source)


def _wait(pid: int, control: socket.socket) -> int:
    """Wait for a job; if the server goes away meanwhile, end the job and this process."""
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        readable, _, _ = select.select([control], [], [], POLL_SECONDS)
        if readable and not control.recv(1, socket.MSG_PEEK):
            os.killpg(pid, signal.SIGKILL)
            os._exit(1)


def _say(control: socket.socket, key: str, value: int) -> None:
    control.sendall(json.dumps({key: value}).encode() + b"\n")


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]))
