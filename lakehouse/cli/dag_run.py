"""One run of a domain's DAG, from trigger to end, as commands start and show it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rich.console import Console

from lakehouse.cli.failure import CommandError
from lakehouse.cli.progress import RunProgress
from lakehouse.operations.airflow_api import (
    ENDED,
    AirflowApi,
    AirflowError,
    TaskState,
    wait_until_idle,
    wait_until_known,
)

_POLL_SECONDS = 0.5
_OTHER_RUN_SECONDS = 600
_PARSE_SECONDS = 60


@dataclass(frozen=True)
class DagRun:
    """A run that succeeded."""

    run_id: str
    url: str
    seconds: float
    tasks: list[TaskState]

    def __str__(self) -> str:
        return f"[green]{self.run_id} succeeded in {self.seconds:.1f} s[/]  {self.url}"


def run_dag(
    console: Console, domain: str, conf: dict[str, Any], before: Callable[[], None] = lambda: None
) -> DagRun:
    """Trigger a run with `conf` when no other is unfinished, and follow it; raises CommandError unless it succeeds.

    `before` is called between the two, so that no other run takes what it brings.
    """
    try:
        api = AirflowApi()
        wait_until_known(api, domain, _PARSE_SECONDS)
        api.unpause(domain)
        if unfinished := wait_until_idle(api, domain, _OTHER_RUN_SECONDS):
            raise CommandError(
                f"another run is unfinished: {', '.join(unfinished)}; end it in the UI, then try again"
            )
        before()
        run_id = api.trigger(domain, conf)
        tasks, seconds = _follow(console, api, domain, run_id)
        state = api.run_state(domain, run_id)
        url = api.run_url(domain, run_id)
        if state != "success":
            _show_failures(console, api, domain, run_id, tasks)
            raise CommandError(f"the run {state} after {seconds:.0f} s: {url}")
    except AirflowError as error:
        raise CommandError(str(error)) from error
    return DagRun(run_id, url, seconds, tasks)


def _follow(console: Console, api: AirflowApi, domain: str, run_id: str) -> tuple[list[TaskState], float]:
    started = time.monotonic()
    with RunProgress(console, f"{domain} {run_id}") as progress:
        while True:
            state = api.run_state(domain, run_id)
            tasks = api.tasks(domain, run_id)
            progress.update(tasks)
            if state in ENDED:
                return tasks, time.monotonic() - started
            time.sleep(_POLL_SECONDS)


def _show_failures(
    console: Console, api: AirflowApi, domain: str, run_id: str, tasks: list[TaskState]
) -> None:
    for task in tasks:
        if task.state == "failed":
            console.rule(f"[red]{task.task_id}[/]", align="left")
            for line in api.reason(domain, run_id, task):
                console.print(line, highlight=False, markup=False)
