"""Live progress of a DAG run in a terminal; plain lines where there is none."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.table import Table

from lakehouse.operations.airflow_api import TaskState

_STYLES = {
    "success": "green",
    "failed": "red",
    "upstream_failed": "red",
    "running": "cyan",
    "deferred": "cyan",
    "up_for_retry": "yellow",
    "skipped": "dim",
}
_SHOWN = {*_STYLES, "queued", "scheduled"}


class RunProgress:
    """Shows each task as it starts and ends."""

    def __init__(self, console: Console, title: str) -> None:
        self._console = console
        self._title = title
        self._printed: dict[str, str] = {}
        self._live = Live(console=console, refresh_per_second=4) if console.is_terminal else None

    def __enter__(self) -> Self:
        self._console.print(self._title, style="bold")
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._live.stop()

    def update(self, tasks: list[TaskState]) -> None:
        """Show the tasks' states as they are now."""
        known = sorted(
            (t for t in tasks if t.state in _SHOWN), key=lambda t: (t.started is None, t.started or "")
        )
        if self._live:
            self._live.update(_table(known))
            return
        for task in known:
            if (
                task.state in {"success", "failed", "skipped"}
                and self._printed.get(task.task_id) != task.state
            ):
                self._printed[task.task_id] = task.state
                self._console.print(f"  {task.state:<8} {task.task_id} {_seconds(task)}", highlight=False)


def _table(tasks: list[TaskState]) -> Table:
    table = Table.grid(padding=(0, 2))
    for task in tasks:
        table.add_row(task.task_id, f"[{_STYLES.get(task.state, 'dim')}]{task.state}[/]", _seconds(task))
    return table


def _seconds(task: TaskState) -> str:
    return f"{task.seconds:.1f} s" if task.seconds else ""
