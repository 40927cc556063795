"""A Glue interpreter with its heavy imports done, which forks one process per job.

Executed by the Glue interpreter. Argument 1 is the number of a Unix socket; argument 2, if given, a folder of
packages that goes first. A message ``{"task": path}`` comes with two descriptors, standard output and error;
the answers are ``{"pid": n}`` and, when the job has ended, ``{"exit": code}``.
"""

import gc
import importlib.util
import json
import os
import select
import signal
import socket
import sys

PRELOADED = (
    *("pyspark.sql", "pyspark.sql.functions", "pyspark.sql.types", "pyspark.sql.classic.dataframe"),
    *("delta.tables", "py4j.java_gateway", "numpy", "pandas", "pyarrow", "boto3", "botocore.client"),
    *("yaml", "orjson", "pydantic", "great_expectations", "urllib.request", "zoneinfo"),
)
POLL_SECONDS = 0.01


def main():
    sys.path.remove(os.path.dirname(os.path.abspath(__file__)))
    control = socket.socket(fileno=int(sys.argv[1]))
    if len(sys.argv) > 2:
        sys.path.insert(0, sys.argv[2])
    import_job = importlib.util.spec_from_file_location("_glue_job", sys.argv[0].replace("interpreter", "job"))
    job = importlib.util.module_from_spec(import_job)
    import_job.loader.exec_module(job)
    for name in PRELOADED:
        try:
            importlib.import_module(name)
        except Exception:  # noqa: BLE001, S112 - a module that a job may not have, or only part of
            continue
    gc.collect()
    gc.freeze()
    _say(control, ready=True)
    while True:
        data, descriptors, _, _ = socket.recv_fds(control, 65536, 2)
        if not data:
            return 0
        pid = os.fork()
        if pid == 0:
            control.close()
            _attach(descriptors)
            return job.run(json.loads(data)["task"])
        for descriptor in descriptors:
            os.close(descriptor)
        _say(control, pid=pid)
        _say(control, exit=_wait(pid, control))


def _attach(descriptors):
    """Make the process its own session, so that a kill reaches what the script starts, and connect its output."""
    os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    null = os.open(os.devnull, os.O_RDONLY)
    for source, target in zip((null, *descriptors), (0, 1, 2), strict=True):
        os.dup2(source, target)
        os.close(source)


def _wait(pid, control):
    """Wait for a job; if the server goes away meanwhile, end the job and this process."""
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        readable, _, _ = select.select([control], [], [], POLL_SECONDS)
        if readable and not control.recv(1, socket.MSG_PEEK):
            os.killpg(pid, signal.SIGKILL)
            os._exit(1)


def _say(control, **message):
    control.sendall(json.dumps(message).encode() + b"\n")


if __name__ == "__main__":
    sys.exit(main())
