"""Run steps that wait for one another, side by side, and stop at the first failure."""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Callable

from scripts.bootstrap.progress import Progress


class Step:
    """One thing to bring: skipped when it is current, started when those that it needs are there.

    Attributes:
        name: What the user reads.
        is_current: Whether nothing is to be done.
        bring: Does it; given a function to report (done, total) to.
        needs: Names of steps that must come first.
    """

    def __init__(
        self,
        name: str,
        is_current: Callable[[], bool],
        bring: Callable[[Report], None],
        needs: tuple[str, ...] = (),
    ) -> None:
        self.name = name
        self.is_current = is_current
        self.bring = bring
        self.needs = needs


Report = Callable[[int, int], None]
"""Told how far a step is: done and total, in megabytes."""


def run(steps: list[Step], progress: Progress) -> int:
    """Bring what is not current.

    Returns:
        The number of steps that had something to do.

    Raises:
        SetupError: A step failed; those already running are waited for.
    """
    waiting = [step for step in steps if not step.is_current()]
    count = len(waiting)
    done = {step.name for step in steps} - {step.name for step in waiting}
    running: dict[Future[None], Step] = {}
    with ThreadPoolExecutor(max_workers=max(count, 1)) as pool:
        try:
            while waiting or running:
                for step in [step for step in waiting if done.issuperset(step.needs)]:
                    waiting.remove(step)
                    progress.start(step.name)
                    running[pool.submit(step.bring, _reporter(progress, step.name))] = step
                finished, _ = wait(running, timeout=1, return_when=FIRST_COMPLETED)
                progress.tick()
                for future in finished:
                    step = running.pop(future)
                    future.result()
                    done.add(step.name)
                    progress.finish(step.name)
        finally:
            progress.stop()
    return count


def _reporter(progress: Progress, name: str) -> Report:
    return lambda done, total: progress.advance(name, done, total)
