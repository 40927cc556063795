"""Load every DAG in a process of its own and tell what happened: `python probe.py <report.json>`.

The environment says where Airflow's home is. Network and programs are refused while DAGs are parsed, and reported.
"""

import importlib
import json
import resource
import sys
import time
import traceback
from pathlib import Path
from typing import Any

HEAVY = (
    "delta",
    "great_expectations",
    "numpy",
    "pandas",
    "pyarrow",
    "pyspark",
    "laptop",
    "local_aws",
    "moto",
)
"""Modules that have no business in a DAG processor of 2 GB: they belong to Glue or to a laptop."""

_REFUSED = {"socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.system"}


class RefusedError(RuntimeError):
    """The parsing of a DAG wanted something of the world outside."""


class Guard:
    """Refuses and notes what must not happen while DAGs are parsed; an audit hook cannot be removed, only closed."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.is_open = False
        sys.addaudithook(self._hear)

    def _hear(self, event: str, _arguments: tuple[Any, ...]) -> None:
        if self.is_open and event in _REFUSED:
            self.refuse(event)

    def refuse(self, what: str) -> None:
        """Note a call and end it."""
        self.calls.append(f"{what} at {_caller()}")
        raise RefusedError(f"{what} while a DAG is parsed")


def _caller() -> str:
    """The innermost line of the DAG folder or of plugins; else the innermost at all."""
    frames = [frame for frame in traceback.extract_stack()[:-3] if frame.filename != __file__]
    own = [f for f in frames if "/dags/" in f.filename or "/plugins/" in f.filename]
    frame = (own or frames)[-1]
    return f"{Path(frame.filename).name}:{frame.lineno}"


def main(report: Path) -> None:
    """Load the DAG folder as the DAG processor does and write what was found."""
    # By name: the engine imports no Airflow, and this file runs in Airflow's own process.
    dagbag = importlib.import_module("airflow.dag_processing.dagbag")
    sdk = importlib.import_module("airflow.sdk")
    before = _megabytes()
    guard = Guard()
    for kind in ("Variable", "Connection"):
        getattr(sdk, kind).get = _refusing(guard, f"{kind}.get")
    seconds = _timed(dagbag.DagBag)
    guard.is_open = True
    bag = dagbag.DagBag(include_examples=False)
    guard.is_open = False
    lakehouse = importlib.import_module("lakehouse")
    found = {
        "dags": sorted(bag.dags),
        "import_errors": {Path(file).name: text for file, text in bag.import_errors.items()},
        "seconds": seconds,
        "memory_mb": _megabytes(),
        "memory_of_airflow_mb": before,
        "heavy": [name for name in HEAVY if name in sys.modules],
        "calls": guard.calls,
        "engine": str(Path(str(lakehouse.__file__)).parent),
    }
    report.write_text(json.dumps(found, indent=2))


def _timed(bag: Any) -> dict[str, float]:
    """Let a kind of DagBag note the seconds of CPU that each file takes: a busy machine does not change them."""
    seconds: dict[str, float] = {}
    process_file = bag.process_file

    def timed(self: Any, filepath: str, *arguments: Any, **options: Any) -> Any:
        before = time.process_time()
        try:
            return process_file(self, filepath, *arguments, **options)
        finally:
            seconds[Path(filepath).name] = time.process_time() - before

    bag.process_file = timed
    return seconds


def _refusing(guard: Guard, what: str) -> Any:
    def get(*_arguments: Any, **_options: Any) -> None:
        guard.refuse(what)

    return staticmethod(get)


def _megabytes() -> float:
    """Most memory that this process ever had."""
    unit = 1_000_000 if sys.platform == "darwin" else 1_000
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


if __name__ == "__main__":
    main(Path(sys.argv[1]))
