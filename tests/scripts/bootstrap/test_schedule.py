"""Steps wait for one another, run side by side, and stop at the first failure."""

import threading
from collections.abc import Callable

import pytest

from scripts.bootstrap.layout import SetupError
from scripts.bootstrap.progress import Progress
from scripts.bootstrap.schedule import Report, Step, run


class Log:
    """Which steps were brought, in order."""

    def __init__(self) -> None:
        self.brought: list[str] = []

    def step(
        self,
        name: str,
        *needs: str,
        is_current: bool = False,
        then: Callable[[Report], object] = lambda _report: None,
    ) -> Step:
        def bring(report: Report) -> None:
            then(report)
            self.brought.append(name)

        return Step(name, lambda: is_current, bring, needs)


@pytest.fixture
def log() -> Log:
    return Log()


def test_a_step_comes_after_those_that_it_needs(log: Log) -> None:
    steps = [
        log.step("trino", "tarball", "airflow"),
        log.step("tarball", "spark"),
        log.step("airflow"),
        log.step("spark"),
    ]
    assert run(steps, Progress()) == 4
    order = log.brought
    assert order.index("spark") < order.index("tarball") < order.index("trino")
    assert order.index("airflow") < order.index("trino")


def test_what_is_current_is_not_brought_and_satisfies_who_needs_it(log: Log) -> None:
    assert run([log.step("jars", "spark"), log.step("spark", is_current=True)], Progress()) == 1
    assert log.brought == ["jars"]


def test_nothing_to_do(log: Log, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([log.step("spark", is_current=True)], Progress()) == 0
    assert capsys.readouterr().out == ""


def test_steps_that_need_nothing_run_side_by_side(log: Log) -> None:
    together = threading.Barrier(2, timeout=20)
    steps = [log.step(name, then=lambda _report: together.wait()) for name in ("airflow", "spark")]
    run(steps, Progress())
    assert sorted(log.brought) == ["airflow", "spark"]


def test_after_a_failure_what_runs_is_finished_and_nothing_else_begins(log: Log) -> None:
    failed = threading.Event()

    def fail(_report: Report) -> None:
        failed.set()
        raise SetupError("no connection")

    def slow(_report: Report) -> None:
        assert failed.wait(20)

    steps = [log.step("airflow", then=fail), log.step("spark", then=slow), log.step("jars", "airflow")]
    with pytest.raises(SetupError, match="no connection"):
        run(steps, Progress())
    assert log.brought == ["spark"]


def test_without_a_terminal_progress_is_a_few_lines(log: Log, capsys: pytest.CaptureFixture[str]) -> None:
    def advance(report: Report) -> None:
        for done in range(0, 101, 5):
            report(done, 100)

    run([log.step("Trino", then=advance)], Progress())
    lines = capsys.readouterr().out.splitlines()
    assert lines[:5] == [
        "  … Trino",
        *(f"  … Trino: {done}/100 MB" for done in (25, 50, 75, 100)),
    ]
    assert lines[5].startswith("  ✓ Trino  ")
    assert len(lines) == 6
