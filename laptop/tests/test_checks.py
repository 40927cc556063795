"""What can be wrong with a machine, each with its remedy."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from laptop import processes
from laptop.checks import Finding, all_checks, before_up
from laptop.layout import Layout
from laptop.record import Part, Record

SET_UP = (".venv-glue/bin/python", "cache/trino/lib/x", "cache/jars/x", "cache/glue-environment/x")


@pytest.fixture
def machine(layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Layout:
    """A checkout that is set up on a machine with Java 17, 16 GB and a roomy disk."""
    for path in SET_UP:
        (layout.root / path).parent.mkdir(parents=True, exist_ok=True)
        (layout.root / path).touch()
    install_java(tmp_path / "jdk", monkeypatch, 'openjdk version "17.0.12" 2024-07-16')
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=50e9))
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=16e9))
    return layout


def install_java(home: Path, monkeypatch: pytest.MonkeyPatch, says: str, exit_code: int = 0) -> None:
    java = home / "bin" / "java"
    java.parent.mkdir(parents=True, exist_ok=True)
    java.write_text(f"#!/bin/sh\necho '{says}' >&2\nexit {exit_code}\n")
    java.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(home))


def test_nothing_is_wrong(machine: Layout) -> None:
    assert all_checks(machine) == before_up(machine) == []


@pytest.mark.parametrize(
    ("gone", "named"),
    [
        (".venv-glue/bin/python", "the Glue environment"),
        ("cache/trino/lib", "Trino"),
        ("cache/jars", "the Delta and S3A jars"),
        ("cache/glue-environment", "Glue's packed environment"),
    ],
)
def test_what_setup_should_have_brought(machine: Layout, gone: str, named: str) -> None:
    path = machine.root / gone
    path.rename(path.with_name("moved"))
    assert before_up(machine) == [Finding(f"{named} is missing ({path})", "run `make setup`")]


@pytest.mark.parametrize("says", ['openjdk version "21.0.4" 2024-07-16 LTS', 'java version "17"'])
def test_a_java_that_does(
    machine: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, says: str
) -> None:
    install_java(tmp_path / "other", monkeypatch, says)
    assert before_up(machine) == []


@pytest.mark.parametrize(
    ("says", "exit_code", "what"),
    [
        ('openjdk version "11.0.2" 2019-01-15', 0, "is not Java 17"),
        ('java version "1.8.0_402"', 0, "is not Java 17"),
        ("no version here", 0, "is not Java 17"),
        ('openjdk version "17.0.12"', 1, "does not run"),
    ],
)
def test_a_java_that_does_not(
    machine: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, says: str, exit_code: int, what: str
) -> None:
    install_java(tmp_path / "other", monkeypatch, says, exit_code)
    (finding,) = before_up(machine)
    assert finding.what.endswith(what)
    assert "install Java 17" in finding.remedy
    assert finding.is_fatal


def test_a_java_home_without_java(machine: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "nothing"))
    (finding,) = before_up(machine)
    assert finding.what == f"{tmp_path}/nothing/bin/java does not run"


class TestPorts:
    @pytest.fixture
    def taken(self) -> Iterator[int]:
        with socket.create_server(("127.0.0.1", 0)) as server:
            yield server.getsockname()[1]

    @pytest.mark.parametrize(
        ("field", "flag"),
        [("aws_port", "--port"), ("trino_port", "--trino-port"), ("airflow_port", "--airflow-port")],
    )
    def test_a_taken_port_names_who_has_it_and_the_flag(
        self, machine: Layout, taken: int, field: str, flag: str
    ) -> None:
        (finding,) = before_up(machine.model_copy(update={field: taken}))
        assert finding.what == f"port {taken} is taken by {psutil.Process().name()} (pid {os.getpid()})"
        assert f"`lakehouse up {flag} <port>`" in finding.remedy
        assert finding.is_fatal

    def test_airflows_port_may_be_taken_if_airflow_is_not_wanted(self, machine: Layout, taken: int) -> None:
        assert before_up(machine.model_copy(update={"airflow_port": taken, "with_airflow": False})) == []

    def test_a_stack_that_is_up_may_have_its_own_ports(self, machine: Layout, taken: int) -> None:
        layout = machine.model_copy(update={"aws_port": taken})
        part = Part(name="aws", pid=os.getpid(), created=psutil.Process().create_time())
        Record(layout=layout, parts=[part]).save()
        assert before_up(layout) == []

    def test_what_an_earlier_stack_left_is_no_obstacle(self, machine: Layout) -> None:
        script = """
import socket, sys, time
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print("up", flush=True)
time.sleep(60)
"""
        processes.start("aws", [sys.executable, "-c", script, str(machine.aws_port)], {}, machine)
        while "up" not in (machine.log_dir / "aws.log").read_text():
            pass
        assert before_up(machine) == []
        (finding,) = all_checks(machine)
        assert "processes of an earlier stack still run" in finding.what
        assert finding.remedy == "run `lakehouse down`"


def test_a_part_that_ended_by_itself_is_named(machine: Layout) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    part = Part(name="airflow-scheduler", pid=ended.pid, created=psutil.Process(ended.pid).create_time())
    ended.wait()
    Record(layout=machine, parts=[part]).save()
    (finding,) = all_checks(machine)
    assert finding.what == "airflow-scheduler ended without `lakehouse down`"
    assert str(machine.log_dir) in finding.remedy
    assert not finding.is_fatal
    assert before_up(machine) == [], "starting again is the remedy"


def test_a_full_disk_is_fatal_and_little_memory_is_not(
    machine: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=1.94e9))
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=3.9e9))
    disk, memory = all_checks(machine)
    assert (disk.what, disk.is_fatal) == ("1.9 GB are free on disk", True)
    assert memory.what.startswith("3.9 GB of memory are available")
    assert not memory.is_fatal
