"""Rows that several tables of a step are made of: made once, for whoever names them, and held until the step is over.

Spark knows them by their plan, so that two tables need not know of each other: whatever is made alike of the same
versions of the same tables is the same rows.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from pyspark.sql import DataFrame

_held: ContextVar[list[DataFrame] | None] = ContextVar("held", default=None)


@contextmanager
def holding() -> Iterator[None]:
    """Hold what is made within, on this thread and those that have its context; at the end all of it is let go."""
    frames: list[DataFrame] = []
    token = _held.set(frames)
    try:
        yield
    finally:
        _held.reset(token)
        for frame in frames:
            frame.unpersist()


def held(frame: DataFrame) -> DataFrame:
    """The same rows, held from their first use where a step holds anything."""
    frames = _held.get()
    if frames is not None:
        frames.append(frame.persist())
    return frame
