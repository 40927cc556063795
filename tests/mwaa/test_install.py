"""What MWAA does at its start, in full: requirements.txt installed under its constraints, the DAGs loaded, one run.

`make dist-test`, minutes long. `LAKEHOUSE_CONSTRAINTS` names other constraints than the line of requirements.txt does,
such as a local copy of them; `LAKEHOUSE_ESSENTIAL_CONSTRAINTS` those that MWAA puts above all. Times and memory go
to build/mwaa_install.json.
"""

import json
import os
import re
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from lakehouse.operations.artifacts.build import build
from lakehouse.operations.mwaa.layout import HOME_ON_MWAA, Layout, lay_out
from lakehouse.operations.mwaa.parse import parse
from scripts.dist import ROOT, environment
from tests.end_to_end.expected import assert_equal_to_oracle
from tests.end_to_end.stack import SAMPLE, Stack

REPORT = ROOT / "build" / "mwaa_install.json"

pytestmark = pytest.mark.timeout(3600)


@dataclass(frozen=True)
class Installed:
    """Artifacts on a container of MWAA, as far as one can be had here."""

    layout: Layout
    python: Path


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """An environment of Python 3.12 with nothing in it but what requirements.txt brings."""
    home = tmp_path_factory.mktemp("mwaa")
    layout = lay_out(build(ROOT, home / "dist", environment()), home / "airflow")
    subprocess.run([sys._base_executable, "-m", "venv", home / "venv"], check=True)  # type: ignore[attr-defined]
    python = home / "venv" / "bin" / "python"
    started, before = time.monotonic(), _cpu_seconds()
    done = subprocess.run(
        [
            python,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--requirement",
            _requirements(home, layout),
            *_essential(),
        ],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    _tell(
        install_seconds=round(time.monotonic() - started, 1),
        install_cpu_seconds=round(_cpu_seconds() - before, 1),
    )
    return Installed(layout, python)


def _requirements(home: Path, layout: Layout) -> Path:
    """requirements.txt, its places being those of the layout."""
    text = (ROOT / "requirements.txt").read_text().replace(f"{HOME_ON_MWAA}/plugins", str(layout.plugins))
    if other := os.environ.get("LAKEHOUSE_CONSTRAINTS"):
        text, count = re.subn(r'^--constraint ".*"$', f'--constraint "{other}"', text, flags=re.MULTILINE)
        assert count == 1
    path = home / "requirements.txt"
    path.write_text(text)
    return path


def _essential() -> list[str]:
    path = os.environ.get("LAKEHOUSE_ESSENTIAL_CONSTRAINTS")
    return ["--constraint", path] if path else []


def _cpu_seconds() -> float:
    """Of all processes that this one started: what a busy machine does not change."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _tell(**figures: object) -> None:
    known = json.loads(REPORT.read_text()) if REPORT.is_file() else {}
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(json.dumps({**known, **figures}, indent=2) + "\n")


def test_the_airflow_is_the_one_that_mwaa_has(installed: Installed) -> None:
    script = (
        "from importlib.metadata import version as v; print(v('apache-airflow'), v('boto3'), v('lakehouse'))"
    )
    found = subprocess.run(
        [installed.python, "-c", script], check=True, capture_output=True, text=True
    ).stdout
    lock = (ROOT / "locks" / "airflow.txt").read_text()
    locked = [re.findall(rf"^{name}==(\S+)", lock, re.MULTILINE)[0] for name in ("apache-airflow", "boto3")]
    assert found.split() == [*locked, "0.1.0"]


def test_nothing_of_glue_was_installed(installed: Installed) -> None:
    listed = subprocess.run(
        [installed.python, "-m", "pip", "list", "--format", "freeze"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    names = {line.split("==")[0].lower() for line in listed.splitlines()}
    assert not names & {"pandas", "pyspark", "great-expectations", "delta-spark", "pyarrow"}


def test_every_dag_loads(installed: Installed) -> None:
    report = parse(installed.layout, installed.python)
    assert report.import_errors == {}
    assert report.dags == sorted(path.stem for path in (ROOT / "dags").glob("*.py"))
    assert report.heavy == []
    assert report.calls == []
    assert installed.python.parents[1] in Path(report.engine).parents
    _tell(
        parse_seconds=report.seconds,
        memory_mb=report.memory_mb,
        memory_of_airflow_mb=report.memory_of_airflow_mb,
    )


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """An AWS; its Airflow is the layout's."""
    made = Stack.make(tmp_path_factory.mktemp("stack") / "state")
    try:
        made.must("up", "--no-airflow")
        yield made
    finally:
        made.remove()


def test_the_dag_runs_from_this_layout(installed: Installed, stack: Stack) -> None:
    variables = dict(
        re.findall(r"^export (\w+)='?(.*?)'?$", stack.must("env"), re.MULTILINE),
        AIRFLOW_HOME=str(installed.layout.home),
        AIRFLOW__CORE__DAGS_FOLDER=str(installed.layout.dags),
        AIRFLOW__CORE__LOAD_EXAMPLES="False",
        AIRFLOW__CORE__PLUGINS_FOLDER=str(installed.layout.plugins),
        AIRFLOW__LAKEHOUSE__GLUE_WAITER_DELAY="1",
        AIRFLOW__LAKEHOUSE__SENSOR_POKE_INTERVAL="1",
        PATH=f"{installed.python.parent}:{os.environ['PATH']}",
        HOME=str(installed.layout.home),
    )
    _deliver(stack)
    for words in (["db", "migrate"], ["dags", "test", "ecommerce", "2025-04-05"]):
        done = subprocess.run(
            [installed.python.parent / "airflow", *words],
            check=False,
            cwd=installed.layout.home,
            env=variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert done.returncode == 0, done.stdout[-5000:]
    assert_equal_to_oracle(stack, [SAMPLE])


def _deliver(stack: Stack) -> None:
    for path in SAMPLE:
        dataset = re.match(r"order_items|orders|products", path.name)
        assert dataset
        key = f"raw/{dataset[0]}/{path.name}"
        stack.client("s3").upload_file(str(path), "ecommerce-lakehouse-123456789012", key)
