"""Real processes, started, found and stopped without a rest."""

import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from laptop import processes
from laptop.layout import Layout
from laptop.record import Part, Record

SLEEP = "import time; time.sleep(60)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); {SLEEP}"


def until(condition: Callable[[], object], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def start(layout: Layout, script: str, name: str = "aws", **environment: str) -> Part:
    part, _ = processes.start(name, [sys.executable, "-u", "-c", script], environment, layout)
    return part


def log(layout: Layout, name: str = "aws") -> str:
    return (layout.log_dir / f"{name}.log").read_text()


def test_a_part_runs_in_the_checkout_with_its_environment_and_logs_what_it_says(layout: Layout) -> None:
    script = "import os, sys; print(os.getcwd(), os.environ['COLOUR']); print('alas', file=sys.stderr)"
    start(layout, script, COLOUR="green")
    until(lambda: "alas" in log(layout))
    assert f"{layout.root.resolve()} green" in log(layout)


def test_a_restarted_part_keeps_the_log_of_the_first(layout: Layout) -> None:
    for word in ("first", "second"):
        start(layout, f"print('{word}')")
        until(lambda word=word: word in log(layout))  # type: ignore[misc]
    assert log(layout).split() == ["first", "second"]


def test_a_part_survives_the_terminal_it_was_started_from(layout: Layout) -> None:
    part = start(layout, SLEEP)
    process = part.process()
    assert process is not None
    import os

    assert os.getsid(process.pid) == process.pid != os.getsid(0)


def test_all_of_a_stack_is_found_orphans_included_and_nothing_of_another(
    layout: Layout, tmp_path: Path
) -> None:
    # The part starts a process in a session of its own and ends: an orphan of nobody's record.
    orphaned = (
        f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', '{SLEEP}'], start_new_session=True)"
    )
    part = start(layout, orphaned)
    until(lambda: part.process() is None)
    (orphan,) = processes.of_stack(layout)
    assert orphan.pid != part.pid
    other = layout.model_copy(update={"state_dir": tmp_path / "other"})
    assert processes.of_stack(other) == []


def test_glues_processes_are_known_by_where_they_send_their_calls(layout: Layout) -> None:
    elsewhere = layout.model_copy(update={"state_dir": layout.root / "unmarked"})
    python = str(layout.glue_python)
    start(elsewhere, SLEEP, "mine", PYSPARK_PYTHON=python, AWS_ENDPOINT_URL=layout.endpoint)
    start(elsewhere, SLEEP, "other", PYSPARK_PYTHON=python, AWS_ENDPOINT_URL="http://127.0.0.1:1")
    start(elsewhere, SLEEP, "client", AWS_ENDPOINT_URL=layout.endpoint)
    mine, everything = processes.of_stack(layout), processes.of_stack(elsewhere)
    try:
        assert len(mine) == 1
        assert len(everything) == 3
    finally:
        for process in everything:
            process.kill()


class TestStop:
    def test_nothing_is_left(self, layout: Layout) -> None:
        child = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', '{SLEEP}']); {SLEEP}"
        record = Record(
            layout=layout, parts=[start(layout, child), start(layout, SLEEP, "airflow-scheduler")]
        )
        until(lambda: len(processes.of_stack(layout)) == 3)
        assert processes.stop(record) == []
        assert processes.of_stack(layout) == []

    def test_who_does_not_end_when_asked_is_killed(self, layout: Layout) -> None:
        part = start(layout, STUBBORN)
        until(lambda: "up" in log(layout))
        assert processes.stop(Record(layout=layout, parts=[part]), grace_seconds=0.2) == []
        assert part.process() is None

    def test_an_orphan_without_a_record_is_ended_as_well(self, layout: Layout) -> None:
        start(layout, SLEEP)
        assert processes.stop(Record(layout=layout)) == []
        assert processes.of_stack(layout) == []

    def test_airflow_ends_before_aws_does(self, layout: Layout) -> None:
        """A killed task still has to stop its Glue run."""
        script = """
import signal, sys, time
def end(*_):
    time.sleep(0.3); print(time.monotonic_ns(), flush=True); sys.exit()
signal.signal(signal.SIGTERM, end); print('up', flush=True)
while True: time.sleep(0.02)
"""
        names = ("aws", "airflow-scheduler", "airflow-triggerer")
        parts = [start(layout, script, name) for name in names]
        until(lambda: all("up" in log(layout, name) for name in names))
        processes.stop(Record(layout=layout, parts=parts))
        ended = {name: int(log(layout, name).split()[-1]) for name in names}
        assert ended["aws"] - max(ended["airflow-scheduler"], ended["airflow-triggerer"]) > 250_000_000

    def test_a_number_that_is_used_again_is_not_ended(self, layout: Layout) -> None:
        bystander = psutil.Popen([sys.executable, "-c", SLEEP])
        try:
            stale = Part(name="aws", pid=bystander.pid, created=bystander.create_time() - 3600)
            processes.stop(Record(layout=layout, parts=[stale]), grace_seconds=0.2)
            assert bystander.is_running()
            assert bystander.status() != psutil.STATUS_ZOMBIE
        finally:
            bystander.kill()
            bystander.wait(5)

    def test_what_does_not_die_is_returned(self, layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
        part = start(layout, SLEEP)
        real = psutil.Process.send_signal

        def refuse(process: psutil.Process, number: signal.Signals) -> None:
            raise psutil.AccessDenied(process.pid)

        monkeypatch.setattr(psutil.Process, "send_signal", refuse)
        monkeypatch.setattr(psutil, "wait_procs", lambda procs, timeout: ([], list(procs)))
        assert [process.pid for process in processes.stop(Record(layout=layout, parts=[part]))] == [part.pid]
        monkeypatch.setattr(psutil.Process, "send_signal", real)


class TestPorts:
    def test_nobody_listens(self, layout: Layout) -> None:
        assert processes.listener(layout.aws_port) is None

    def test_who_listens_is_named(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            found = processes.listener(server.getsockname()[1])
        assert found == processes.Listener(psutil.Process().name(), psutil.Process().pid)

    def test_a_listener_that_the_system_hides_is_still_one(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(psutil, "process_iter", lambda: iter(()))
        with socket.create_server(("127.0.0.1", 0)) as server:
            found = processes.listener(server.getsockname()[1])
        assert found == processes.Listener("a process of another user", 0)


def test_memory_is_counted_in_bytes(layout: Layout) -> None:
    part = start(layout, f"block = b'x' * 50_000_000; print('up'); {SLEEP}")
    until(lambda: "up" in log(layout))
    assert 50_000_000 < processes.memory_bytes(processes.members(part)) < 150_000_000


def test_an_ended_part_has_no_members_and_no_memory(layout: Layout) -> None:
    part = start(layout, "")
    until(lambda: part.process() is None)
    assert processes.members(part) == []
    assert processes.memory_bytes([]) == 0
