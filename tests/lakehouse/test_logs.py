"""Logs as a machine reads them: each line a JSON object that says of which run and table it tells."""

import io
import json
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lakehouse.address import Address
from lakehouse.logs import configure_logs, log_ids, log_table

ORDERS = Address("ecommerce", "silver", "orders")

type Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def stream(own_logging: None) -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def lines(stream: io.StringIO) -> Lines:
    return lambda: [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_has_time_level_logger_message_and_ids(stream: io.StringIO, lines: Lines) -> None:
    configure_logs("INFO", stream)
    with log_ids(run_id="run-1", step="publish", release="0a1b2c"), log_table(ORDERS):
        logging.getLogger("lakehouse.steps.publish").info("%s: version %s", ORDERS, 3)

    (line,) = lines()
    assert abs(datetime.fromisoformat(line.pop("time")) - datetime.now(UTC)) < timedelta(minutes=1)
    assert line == {
        "level": "INFO",
        "logger": "lakehouse.steps.publish",
        "message": "ecommerce.silver.orders: version 3",
        "run_id": "run-1",
        "step": "publish",
        "release": "0a1b2c",
        "domain": "ecommerce",
        "layer": "silver",
        "table": "orders",
    }


@pytest.mark.parametrize(
    ("level", "written"),
    [
        ("DEBUG", ["DEBUG", "INFO", "WARNING", "ERROR"]),
        ("INFO", ["INFO", "WARNING", "ERROR"]),
        ("WARNING", ["WARNING", "ERROR"]),
        ("ERROR", ["ERROR"]),
    ],
)
def test_lines_below_the_level_are_left_out(
    stream: io.StringIO, lines: Lines, level: str, written: list[str]
) -> None:
    configure_logs(level, stream)
    for told in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR):
        logging.getLogger("lakehouse.steps").log(told, "said")

    assert [line["level"] for line in lines()] == written


def test_what_libraries_say_below_warning_is_left_out(stream: io.StringIO, lines: Lines) -> None:
    """At DEBUG botocore writes the bodies of requests; Great Expectations' logger has a level of its own, INFO."""
    library = logging.getLogger("a_library.endpoint")
    library.setLevel(logging.DEBUG)
    configure_logs("DEBUG", stream)
    library.debug("a body")
    library.info("a folder")
    library.warning("slow")

    assert [line["message"] for line in lines()] == ["slow"]


def test_what_is_bound_ends_with_its_block_and_goes_along_into_threads(
    stream: io.StringIO, lines: Lines
) -> None:
    configure_logs("INFO", stream)
    log = logging.getLogger("lakehouse")
    with log_ids(run_id="run-1"):
        with log_table(ORDERS):
            log.info("a table")
        with ThreadPoolExecutor(1) as pool:
            pool.submit(copy_context().run, log.info, "a thread").result()
    log.info("nothing")

    assert [(line.get("run_id"), line.get("table")) for line in lines()] == [
        ("run-1", "orders"),
        ("run-1", None),
        (None, None),
    ]


def test_a_message_of_several_lines_and_a_traceback_stay_one_line(stream: io.StringIO, lines: Lines) -> None:
    configure_logs("INFO", stream)
    try:
        raise ValueError("two\nlines")  # noqa: TRY301
    except ValueError:
        logging.getLogger("lakehouse").exception("first\nsecond")

    (line,) = lines()
    assert line["message"] == "first\nsecond"
    assert line["exception"].endswith("ValueError: two\nlines")
