"""Kills parts of Airflow while a run goes on, and starts what is missing as a user would."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread

import psutil

from laptop.record import load
from tests.end_to_end.stack import Stack

_POLL_SECONDS = 0.2
_SECONDS = 300
_LIVE = {"STARTING", "RUNNING"}


@dataclass
class Saboteur:
    """What was killed, and what went wrong with that."""

    stack: Stack
    killed: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def scheduler(self) -> None:
        """With the scheduler end its workers and their tasks, which live in its session."""
        self._kill("scheduler", _tree(self._part("scheduler")))

    def triggerer(self) -> None:
        self._kill("triggerer", _tree(self._part("triggerer")))

    def worker(self) -> None:
        """Every worker of the scheduler's that has a task, and the task."""
        workers = [
            child
            for child in self._part("scheduler").children()
            if child.name().startswith("airflow worker") and child.children()
        ]
        assert workers, "no worker has a task"
        self._kill("worker", [process for worker in workers for process in _tree(worker)])

    def _part(self, name: str) -> psutil.Process:
        record = load(self.stack.state_dir)
        part = record and record.part(f"airflow-{name}")
        process = part.process() if part else None
        assert process is not None, f"no {name} is up"
        return process

    def _kill(self, what: str, processes: list[psutil.Process]) -> None:
        for process in processes:
            process.kill()
        psutil.wait_procs(processes, timeout=10)
        self.killed.append(what)


def _tree(process: psutil.Process) -> list[psutil.Process]:
    """A process and all that it started."""
    return [process, *process.children(recursive=True)]


@contextmanager
def sabotaging(stack: Stack, plan: dict[str, str]) -> Iterator[Saboteur]:
    """Kill a part of Airflow when a run of a Glue job goes on; `plan` says which at which step, in the steps' order."""
    saboteur = Saboteur(stack)
    known = {step: _runs(stack, step) for step in plan}

    def work() -> None:
        try:
            for step, part in plan.items():
                _wait(lambda step=step: _runs(stack, step, _LIVE) - known[step])  # type: ignore[misc]
                getattr(saboteur, part)()
                stack.must("up")
        except Exception as error:  # noqa: BLE001 - told by the test, whose thread this is not
            saboteur.problems.append(repr(error))

    thread = Thread(target=work)
    thread.start()
    try:
        yield saboteur
    finally:
        thread.join(_SECONDS)


def _runs(stack: Stack, step: str, states: set[str] | None = None) -> set[str]:
    runs = stack.client("glue").get_job_runs(JobName=f"lakehouse-{step}")["JobRuns"]
    return {run["Id"] for run in runs if states is None or run["JobRunState"] in states}


def _wait(is_there: Callable[[], object]) -> None:
    deadline = time.monotonic() + _SECONDS
    while not is_there():
        assert time.monotonic() < deadline, "the step did not run"
        time.sleep(_POLL_SECONDS)
