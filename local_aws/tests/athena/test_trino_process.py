"""The Trino child: restarted when it dies, gone when its parent is, whatever the parent died of."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from local_aws.config import Config
from local_aws.trino import TrinoProcess
from local_aws.trino import process as trino_process

CHECKOUT = Path(__file__).parents[3]


@pytest.fixture
def config(tmp_path: Path, free_port: Callable[[], int]) -> Config:
    return Config(
        port=free_port(),
        trino_port=free_port(),
        state_dir=tmp_path / "state",
        trino_home=CHECKOUT / ".cache" / "trino",
    )


def javas(config: Config) -> list[int]:
    """Process ids of the Java servers of this state folder."""
    listing = subprocess.run(
        ["ps", "-axww", "-o", "pid=,command="], capture_output=True, text=True, check=True
    )
    mark = f"-Dconfig={config.state_dir}/trino/etc/config.properties"
    return [
        int(line.split()[0])
        for line in listing.stdout.splitlines()
        if mark in line and line.split()[1].endswith("/java")
    ]


def wait_for(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.1)
    return condition()


def test_missing_trino_is_a_problem_with_a_remedy(config: Config, tmp_path: Path) -> None:
    process = TrinoProcess(config.model_copy(update={"trino_home": tmp_path}))
    process.start()
    assert wait_for(lambda: process.problem is not None, 5)
    process.stop()
    assert process.problem == f"Trino cannot start: {tmp_path} holds no unpacked Trino; run `make setup`"
    assert not process.ready


@pytest.mark.stack
def test_dead_trino_is_started_again_and_stop_leaves_nothing(config: Config) -> None:
    process = TrinoProcess(config)
    process.start()
    try:
        assert wait_for(lambda: len(javas(config)) == 1, 20)
        (first,) = javas(config)
        os.kill(first, signal.SIGKILL)
        assert wait_for(lambda: bool(javas(config)) and javas(config) != [first], 20)
        assert process.problem is None
    finally:
        process.stop()
    assert javas(config) == []
    assert not process.ready


@pytest.mark.stack
def test_killed_parent_takes_trino_with_it(config: Config) -> None:
    script = f"""
        import time
        from local_aws.config import Config
        from local_aws.trino import TrinoProcess
        TrinoProcess(Config(port={config.port}, trino_port={config.trino_port},
            state_dir={str(config.state_dir)!r}, trino_home={str(config.trino_home)!r})).start()
        time.sleep(60)
    """
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT / "local_aws" / "src")}
    parent = subprocess.Popen([sys.executable, "-c", textwrap.dedent(script)], env=environment)
    try:
        assert wait_for(lambda: len(javas(config)) == 1, 20)
    finally:
        parent.kill()
        parent.wait()
    assert wait_for(lambda: javas(config) == [], 5)


def test_leftover_of_an_earlier_run_is_ended(config: Config) -> None:
    etc = config.state_dir / "trino" / "etc"
    sleep = [sys.executable, "-c", "import time; time.sleep(60)"]
    leftover = subprocess.Popen([*sleep, f"-Dconfig={etc / 'config.properties'}"])
    other = subprocess.Popen([*sleep, f"-Dconfig={etc.parent / 'other' / 'config.properties'}"])
    try:
        trino_process.kill_leftovers(etc)
        assert leftover.wait(timeout=5) == -signal.SIGKILL
        assert other.poll() is None
    finally:
        for process in (leftover, other):
            process.kill()
            process.wait()
