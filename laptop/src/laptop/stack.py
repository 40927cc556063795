"""Bring the whole stack up, step by step, each step shown."""

import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from lakehouse.operations.pools import pools
from laptop import access, airflow, aws, processes, provision
from laptop.failure import StackError
from laptop.layout import Layout
from laptop.record import Part, Record, forget, load

START_SECONDS = 180
_POLL_SECONDS = 0.3


def up(layout: Layout, console: Console) -> Record:
    """Start what does not run yet, provision it if that is wanted, and wait until every part answers.

    Raises:
        StackError: A port is taken, something is not set up, or a part ended or fell silent.
    """
    record = _reuse(layout) or Record(layout=layout)
    with _shown(console) as step, ThreadPoolExecutor(max_workers=1) as pool:
        migration = pool.submit(airflow.migrate, layout) if layout.with_airflow else None
        with step("Embedded AWS") as say:
            _ensure_part(record, aws.NAME, aws.command(layout), aws.environment(layout))
            _wait(record, aws.NAME, lambda: _ready_but(aws.health(layout), "athena"), say)
        if layout.with_provision:
            with step("Bucket, role, queue, Glue jobs") as say:
                provision.provision(layout, say)
        if migration:
            with step("Airflow") as say:
                say("database")
                migration.result()
                environment = airflow.environment(layout) | access.airflow_credentials(layout)
                for part in airflow.PARTS:
                    _ensure_part(record, f"airflow-{part}", airflow.command(part), environment)
                _wait(record, "airflow-api-server", lambda: _ready_but(airflow.health(layout)), say)
                airflow.ensure_pools(layout, pools())
        with step("Athena (Trino)") as say:
            _wait(record, aws.NAME, lambda: _ready_but(aws.health(layout)), say)
    return record


def down(layout: Layout) -> bool:
    """Stop everything that was started here; says whether there was anything.

    Raises:
        StackError: A process does not die.
    """
    record = load(layout.state_dir) or Record(layout=layout)
    was_up = any(part.process() for part in record.parts) or bool(processes.of_stack(record.layout))
    alive = processes.stop(record)
    if alive:
        names = ", ".join(f"{process.name()} (pid {process.pid})" for process in alive)
        raise StackError(f"these processes do not end: {names}; end them by hand with kill -9")
    forget(layout.state_dir)
    return was_up


def _reuse(layout: Layout) -> Record | None:
    """The record of a stack that is up; orphans of one that is not are ended first."""
    record = load(layout.state_dir)
    if record and any(part.process() for part in record.parts):
        if _options(record.layout, layout) != _options(layout, layout):
            raise StackError("the stack is up with other ports or options; run `lakehouse down` first")
        record.layout = layout
        return record
    processes.stop(record or Record(layout=layout))
    forget(layout.state_dir)
    return None


def _options(layout: Layout, wanted: Layout) -> dict[str, object]:
    """What a stack cannot change while it is up; a bucket that is named and the default are the same.

    Airflow can join a stack that is up without it.
    """
    options = {**layout.model_dump(), "bucket_name": layout.bucket}
    return options | ({"with_airflow": True} if wanted.with_airflow else {})


def _ensure_part(record: Record, name: str, command: list[str], environment: dict[str, str]) -> None:
    if record.part(name):
        return
    part, process = processes.start(name, command, environment, record.layout)
    _CHILDREN[name] = process
    record.remember(part)


_CHILDREN: dict[str, "subprocess.Popen[bytes]"] = {}
"""Parts started by this process: polled, or they would stay zombies while it waits."""


def _ready_but(states: dict[str, str], *later: str) -> str | None:
    """None when every part is ready, those that may come later aside; else what is still awaited."""
    if not states:
        return "no answer yet"
    awaited = [f"{name} {state}" for name, state in states.items() if state not in {"ready", "disabled"}]
    return ", ".join(text for text in awaited if text.split()[0] not in later) or None


def _wait(record: Record, name: str, awaited: Callable[[], str | None], say: Callable[[str], None]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while reason := awaited():
        say(reason)
        for part in record.parts:
            _fail_if_ended(record.layout, part)
        if time.monotonic() > deadline:
            log = record.layout.log_dir / f"{name}.log"
            raise StackError(f"{name} is not ready after {START_SECONDS} s ({reason}); see {log}")
        time.sleep(_POLL_SECONDS)


def _fail_if_ended(layout: Layout, part: Part) -> None:
    child = _CHILDREN.get(part.name)
    if child is not None:
        child.poll()
    if part.process() is None:
        log = layout.log_dir / f"{part.name}.log"
        lines = log.read_text(errors="replace").strip().splitlines() if log.exists() else []
        last = lines[-1] if lines else "it said nothing"
        raise StackError(f"{part.name} ended while starting: {last}; see {log}")


Say = Callable[[str], None]
Step = Callable[[str], AbstractContextManager[Say]]
"""Opens a step by its title; what is opened is told what the step is busy with."""


@contextmanager
def _shown(console: Console) -> Iterator[Step]:
    """Show steps: spinners on a terminal, a line per finished step elsewhere."""
    columns = (SpinnerColumn(finished_text="[green]✓"), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, TextColumn("[dim]{task.fields[note]}"), console=console) as progress:

        @contextmanager
        def step(title: str) -> Iterator[Say]:
            started = time.monotonic()
            task = progress.add_task(title, total=1, note="")
            yield lambda note: progress.update(task, note=note)
            progress.update(task, completed=1, note="")
            if not console.is_terminal:
                console.print(f"✓ {title}  {time.monotonic() - started:.1f} s")

        yield step
