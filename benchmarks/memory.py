"""The most memory that Spark and the Python that drives it hold at a time."""

import re
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

_EVERY_SECONDS = 0.5


class PeakMemory:
    """Watches while it is entered; `megabytes` is the peak. What processes share is counted once."""

    def __init__(self, driver: int, jvm: int) -> None:
        """Watch two processes, and of the second all that it started: the first started more than Spark."""
        self._driver, self._jvm = driver, jvm
        self._kilobytes = 0
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    @property
    def megabytes(self) -> int:
        return self._kilobytes >> 10

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_over.set()
        self._thread.join()

    def _watch(self) -> None:
        is_over = False
        while not is_over:
            is_over = self._is_over.wait(_EVERY_SECONDS)
            held = sum(_kilobytes(pid) for pid in (self._driver, *_tree(self._jvm)))
            self._kilobytes = max(self._kilobytes, held)


def _tree(pid: int) -> list[int]:
    found = [pid]
    for parent in found:
        found += _children(parent)
    return found


def _children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in _text(task).split()]


def _kilobytes(pid: int) -> int:
    found = re.search(r"^Pss:\s+(\d+) kB", _text(Path(f"/proc/{pid}/smaps_rollup")), re.MULTILINE)
    return int(found[1]) if found else 0


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):  # it ended meanwhile
        return ""
