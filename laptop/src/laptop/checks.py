"""What can be wrong with a machine or a checkout, each problem with its remedy."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from laptop import processes
from laptop.layout import Layout
from laptop.record import load

_JAVA_VERSIONS = (17, 21)
_DISK_BYTES_MIN = 2_000_000_000
_MEMORY_BYTES_MIN = 4_000_000_000


@dataclass(frozen=True)
class Finding:
    """One problem: what it is, what to do, and whether nothing works with it."""

    what: str
    remedy: str
    is_fatal: bool = True


def before_up(layout: Layout) -> list[Finding]:
    """What would keep the stack from starting."""
    return _run(layout, _setup, _java, _ports)


def all_checks(layout: Layout) -> list[Finding]:
    """Everything that is checked."""
    return _run(layout, _setup, _java, _ports, _stale_state, _room)


def _run(layout: Layout, *checks: Callable[[Layout], Iterator[Finding]]) -> list[Finding]:
    return [finding for check in checks for finding in check(layout)]


def _setup(layout: Layout) -> Iterator[Finding]:
    needed = {
        "the Glue environment": layout.glue_python,
        "Trino": layout.cache_dir / "trino" / "lib",
        "the Delta and S3A jars": layout.cache_dir / "jars",
        "Glue's packed environment": layout.cache_dir / "glue-environment",
    }
    for what, path in needed.items():
        if not path.exists():
            yield Finding(f"{what} is missing ({path})", "run `make setup`")


def _java(_layout: Layout) -> Iterator[Finding]:
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home, "bin", "java")) if home else "java"
    try:
        answer = subprocess.run([java, "-version"], capture_output=True, text=True, check=True).stderr
    except (OSError, subprocess.CalledProcessError):
        yield Finding(f"{java} does not run", "install Java 17 or point JAVA_HOME at one")
        return
    version = re.search(r'version "(\d+)', answer)
    if not version or int(version.group(1)) not in _JAVA_VERSIONS:
        yield Finding(f"{java} is not Java 17", "install Java 17 or point JAVA_HOME at one")


def _ports(layout: Layout) -> Iterator[Finding]:
    record = load(layout.state_dir)
    if record and any(part.process() for part in record.parts):
        return
    ours = {process.pid for process in processes.of_stack(layout)}
    flags = {"--port": layout.aws_port, "--trino-port": layout.trino_port}
    if layout.with_airflow:
        flags["--airflow-port"] = layout.airflow_port
    for flag, port in flags.items():
        owner = processes.listener(port)
        if owner and owner.pid not in ours:
            yield Finding(
                f"port {port} is taken by {owner.name} (pid {owner.pid})",
                f"end that, or choose another with `lakehouse up {flag} <port>`",
            )


def _stale_state(layout: Layout) -> Iterator[Finding]:
    record = load(layout.state_dir)
    ended = [part.name for part in record.parts if not part.process()] if record else []
    orphans = [] if record else processes.of_stack(layout)
    if ended:
        yield Finding(
            f"{', '.join(ended)} ended without `lakehouse down`",
            f"run `lakehouse up` to start again; the reason is in {layout.log_dir}",
            is_fatal=False,
        )
    if orphans:
        yield Finding(
            f"processes of an earlier stack still run: {', '.join(str(one.pid) for one in orphans)}",
            "run `lakehouse down`",
            is_fatal=False,
        )


def _room(layout: Layout) -> Iterator[Finding]:
    free = shutil.disk_usage(layout.root).free
    if free < _DISK_BYTES_MIN:
        yield Finding(
            f"{free / 1e9:.1f} GB are free on disk", f"free some; {layout.state_dir} holds the lake"
        )
    memory = psutil.virtual_memory().available
    if memory < _MEMORY_BYTES_MIN:
        yield Finding(
            f"{memory / 1e9:.1f} GB of memory are available, the stack with a run takes about 4",
            "end other programs",
            is_fatal=False,
        )
