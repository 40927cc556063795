"""Structured logs: one JSON object a line, which says of which run and table it tells. Never a value of the data."""

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Literal, TextIO, get_args

from lakehouse.address import Address

type LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]
LOG_LEVELS: tuple[str, ...] = get_args(LogLevel.__value__)
DEFAULT_LEVEL: LogLevel = "INFO"

_IDS: ContextVar[Mapping[str, str]] = ContextVar("ids", default=MappingProxyType({}))


class JsonFormatter(logging.Formatter):
    """`time` (ISO 8601, UTC), `level`, `logger`, `message`, the ids that are bound, and a traceback as `exception`."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **_IDS.get(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def configure_logs(level: str, stream: TextIO) -> None:
    """Have this process write its logs to `stream`, the lakehouse's from `level` on.

    Those of libraries from WARNING on: what they tell below quotes requests, and so values of the data.
    """
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    handler.addFilter(_is_ours_or_urgent)  # a library's logger may have a level of its own
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("lakehouse").setLevel(level)


def _is_ours_or_urgent(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING or record.name.partition(".")[0] == "lakehouse"


@contextmanager
def log_ids(**ids: str) -> Iterator[None]:
    """Lines that this context writes carry these ids, besides those that are bound already."""
    token = _IDS.set({**_IDS.get(), **ids})
    try:
        yield
    finally:
        _IDS.reset(token)


@contextmanager
def log_table(address: Address) -> Iterator[None]:
    """Lines that this context writes are about one table."""
    with log_ids(domain=address.domain, layer=address.layer, table=address.table):
        yield
