"""Start parts in sessions of their own, find all that belongs to a stack, and stop it without a rest."""

import contextlib
import os
import signal
import socket
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from laptop.layout import Layout
from laptop.record import Part, Record

MARK = "LAKEHOUSE_STACK"
"""Environment variable that all of a stack's processes inherit; its value is the state folder."""


def start(
    name: str, command: Sequence[str | Path], environment: Mapping[str, str], layout: Layout
) -> tuple[Part, "subprocess.Popen[bytes]"]:
    """Start a part; what it says goes to ``logs/<name>.log``."""
    layout.log_dir.mkdir(parents=True, exist_ok=True)
    with (layout.log_dir / f"{name}.log").open("ab") as log:
        process = subprocess.Popen(
            [str(word) for word in command],
            cwd=layout.root,
            env={**os.environ, **environment, MARK: str(layout.state_dir)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return Part(name=name, pid=process.pid, created=psutil.Process(process.pid).create_time()), process


def members(part: Part) -> list[psutil.Process]:
    """A part's process and all that it started."""
    process = part.process()
    if process is None:
        return []
    with contextlib.suppress(psutil.Error):
        return [process, *process.children(recursive=True)]
    return []


def of_stack(layout: Layout) -> list[psutil.Process]:
    """Every process of this user that a stack of this checkout started, orphans included."""
    return [process for process in psutil.process_iter() if _belongs(process, layout)]


def _belongs(process: psutil.Process, layout: Layout) -> bool:
    try:
        if process.pid == os.getpid() or process.status() == psutil.STATUS_ZOMBIE:
            return False
        environment = process.environ()
    except (psutil.Error, OSError):
        return False
    # Glue's processes get only what Glue would give them, so they are known by where they send their calls.
    runs_glue = environment.get("PYSPARK_PYTHON") == str(layout.glue_python)
    calls_us = environment.get("AWS_ENDPOINT_URL") == layout.endpoint
    return environment.get(MARK) == str(layout.state_dir) or (runs_glue and calls_us)


def stop(record: Record, grace_seconds: float = 20) -> list[psutil.Process]:
    """Stop a stack: Airflow first, so that killed tasks can still stop their Glue runs, then AWS.

    Args:
        record: The stack.
        grace_seconds: Seconds between asking and killing, for each of the two.

    Returns:
        What is still alive, which is nothing unless the system refuses to kill.
    """
    known = {process for part in record.parts for process in members(part)}
    leaders = [part for part in record.parts if part.process()]
    airflow = [part for part in leaders if part.name.startswith("airflow-")]
    for group in (airflow, [part for part in leaders if part not in airflow]):
        processes = [process for part in group if (process := part.process())]
        _signal(processes, signal.SIGTERM)
        psutil.wait_procs(processes, timeout=grace_seconds)
    rest = known | set(of_stack(record.layout))
    _signal(rest, signal.SIGTERM)
    _, alive = psutil.wait_procs(rest, timeout=min(grace_seconds, 5))
    # A process may have been started while the others ended.
    rest = {*alive, *of_stack(record.layout)}
    _signal(rest, signal.SIGKILL)
    _, alive = psutil.wait_procs(rest, timeout=5)
    return alive


def _signal(processes: Iterable[psutil.Process], number: signal.Signals) -> None:
    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.send_signal(number)


def memory_bytes(processes: Iterable[psutil.Process]) -> int:
    """Memory of processes, pages that several share counted once (proportional set size; RSS on macOS)."""
    total = 0
    for process in processes:
        with contextlib.suppress(psutil.Error):
            try:
                total += process.memory_full_info().pss
            except AttributeError:
                total += process.memory_info().rss
    return total


@dataclass(frozen=True)
class Listener:
    """Who listens on a port; pid 0 if the system does not say."""

    name: str
    pid: int


def listener(port: int) -> Listener | None:
    """Who listens on a loopback port; None if nobody does."""
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)):
            return None
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            for connection in process.net_connections(kind="tcp"):
                if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port:
                    return Listener(process.name(), process.pid)
    return Listener("a process of another user", 0)
