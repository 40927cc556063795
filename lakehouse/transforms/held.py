"""Rows that several tables of a step are made of: made once, for whoever names them.

They are known by their plan, so that two tables need not know of each other: whatever is made alike of the same
versions of the same tables is the same rows.
"""

from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Lock

from pyspark.sql import DataFrame


class _Held:
    """What a step holds, by the meaning of its plan."""

    def __init__(self) -> None:
        self._frames: dict[int, tuple[DataFrame, Future[DataFrame]]] = {}
        self._lock = Lock()

    def rows_of(self, frame: DataFrame) -> DataFrame:
        meaning, new = frame.semanticHash(), Future[DataFrame]()
        with self._lock:
            same, made = self._frames.setdefault(meaning, (frame, new))
        if made is not new:
            return made.result() if frame.sameSemantics(same) else frame
        try:
            new.set_result(_computed(frame))
        except BaseException as error:
            new.set_exception(error)
            raise
        return new.result()


_held: ContextVar[_Held | None] = ContextVar("held", default=None)


@contextmanager
def holding() -> Iterator[None]:
    """Hold what is made within, on this thread and those that have its context."""
    token = _held.set(_Held())
    try:
        yield
    finally:
        _held.reset(token)


def held(frame: DataFrame) -> DataFrame:
    """The same rows, computed now where a step holds anything, and once for all who ask for them."""
    step = _held.get()
    return step.rows_of(frame) if step else frame


def _computed(frame: DataFrame) -> DataFrame:
    """Rows alone, so that plans in which they occur stay small.

    Under other names while that happens: Spark would take a column for the one that it was made of.
    """
    return frame.toDF(*(f"_{name}" for name in frame.columns)).localCheckpoint().toDF(*frame.columns)
