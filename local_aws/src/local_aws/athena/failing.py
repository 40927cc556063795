"""Queries that are to fail: said by what hands a request on, read where the same thread queues the query."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from local_aws.athena.errors import QueryFailedError

_FAILURE: ContextVar[QueryFailedError | None] = ContextVar("failure_of_the_query", default=None)


@contextmanager
def failing_with(failure: QueryFailedError) -> Iterator[None]:
    """Whatever this thread queues meanwhile fails, without any effect."""
    token = _FAILURE.set(failure)
    try:
        yield
    finally:
        _FAILURE.reset(token)


def failure_of_the_query() -> QueryFailedError | None:
    """How the query that this thread queues is to fail; None if it is to run."""
    return _FAILURE.get()
