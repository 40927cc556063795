"""Processes that run scripts: a fork of a warm interpreter, or a fresh one."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Protocol

RUNTIME = Path(__file__).parent / "runtime"
INTERPRETER_SECONDS = 60
POLL_SECONDS = 0.02


class ProcessLostError(RuntimeError):
    """A process of ours ended or fell silent."""


class JobProcess(Protocol):
    """A process that runs a script."""

    pid: int

    def wait(self, seconds: float) -> int | None:
        """Exit code (negative: killed by that signal), or None if it runs on after ``seconds``."""


def kill(process: JobProcess, grace_seconds: float) -> None:
    """End a process and what it started: SIGTERM, then SIGKILL."""
    _signal(process.pid, signal.SIGTERM)
    if process.wait(grace_seconds) is None:
        _signal(process.pid, signal.SIGKILL)
        process.wait(grace_seconds)


def kill_now(pid: int) -> None:
    """SIGKILL a process and its group; one that has ended is left alone."""
    _signal(pid, signal.SIGKILL)


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.killpg(pid, number)
    except ProcessLookupError:  # it has no group of its own yet
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def detached(
    command: Sequence[str | Path], environment: Mapping[str, str], log: IO[bytes] | int, **options: object
) -> subprocess.Popen[bytes]:
    """Start a process in a session of its own: a Ctrl-C in the terminal does not reach it."""
    return subprocess.Popen(  # type: ignore[call-overload, no-any-return]
        [str(word) for word in command],
        env=dict(environment),
        start_new_session=True,
        **{"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log, **options},
    )


class FreshProcess:
    """A script in an interpreter of its own, which starts a JVM of its own when it asks for Spark."""

    def __init__(
        self, python: Path, task: Path, environment: Mapping[str, str], stdout: int, stderr: int
    ) -> None:
        # The script's process reads the pipe that we hold, and ends with us.
        watched, self._held = os.pipe()
        command: list[str | Path] = [python, RUNTIME / "job.py", task, str(watched)]
        self._process = detached(
            command, environment, subprocess.DEVNULL, stdout=stdout, stderr=stderr, pass_fds=(watched,)
        )
        os.close(watched)
        self.pid = self._process.pid

    def wait(self, seconds: float) -> int | None:
        try:
            code = self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None
        if self._held >= 0:
            os.close(self._held)
            self._held = -1
        return code


class Interpreter:
    """A Python process with the heavy modules imported, which forks one process per script.

    Args:
        site_packages: Packages that come before those of ``python``: a job's packed environment.
        log: File for what the process itself says.
    """

    def __init__(
        self, python: Path, site_packages: Path | None, environment: Mapping[str, str], log: Path
    ) -> None:
        self.site_packages = site_packages
        ours, theirs = socket.socketpair()
        with theirs, log.open("ab") as log_file:
            command: list[str | Path] = [python, RUNTIME / "interpreter.py", str(theirs.fileno())]
            command += [site_packages] if site_packages else []
            self._process = detached(command, environment, log_file, pass_fds=(theirs.fileno(),))
        self._control = ours
        self._inbox = b""
        self._ready = False
        self._starting = threading.Lock()

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    @property
    def ready(self) -> bool:
        """Whether the imports are done."""
        return self._ready and self.alive

    def wait_until_ready(self) -> None:
        """Wait for the imports.

        Raises:
            ProcessLostError: The process ended, or took longer than a minute.
        """
        with self._starting:
            if not self._ready:
                self._answer("ready", INTERPRETER_SECONDS)
                self._ready = True

    def run(self, task: Path, stdout: int, stderr: int) -> "ForkedProcess":
        """Fork a process for a task; its output goes to the descriptors."""
        self.wait_until_ready()
        message = json.dumps({"task": str(task)}).encode()
        try:
            socket.send_fds(self._control, [message], [stdout, stderr])
        except OSError as error:
            raise ProcessLostError("The warm Glue interpreter has ended") from error
        return ForkedProcess(self._answer("pid", INTERPRETER_SECONDS) or 0, self)

    def exit_code(self, seconds: float) -> int | None:
        """Exit code of the running script, None if it runs on."""
        return self._answer("exit", seconds, patient=True)

    def close(self) -> None:
        """End the process."""
        self._control.close()
        _signal(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def _answer(self, key: str, seconds: float, *, patient: bool = False) -> int | None:
        """Read the next message, which must have ``key``; a patient reader gets None if none comes."""
        deadline = time.monotonic() + seconds
        while b"\n" not in self._inbox:
            self._control.settimeout(max(0.001, deadline - time.monotonic()))
            try:
                received = self._control.recv(65536)
            except TimeoutError:
                if patient:
                    return None
                raise ProcessLostError(f"The warm Glue interpreter did not answer in {seconds} s") from None
            except OSError:
                received = b""
            if not received:
                raise ProcessLostError("The warm Glue interpreter has ended")
            self._inbox += received
        line, _, self._inbox = self._inbox.partition(b"\n")
        return int(json.loads(line)[key])


class ForkedProcess:
    """A script in a fork of the warm interpreter."""

    def __init__(self, pid: int, interpreter: Interpreter) -> None:
        self.pid = pid
        self._interpreter = interpreter
        self._exit_code: int | None = None

    def wait(self, seconds: float) -> int | None:
        if self._exit_code is None:
            self._exit_code = self._interpreter.exit_code(seconds)
        return self._exit_code


def wait_for(condition: Callable[[], bool], seconds: float) -> bool:
    """Poll a condition; says whether it came true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True
