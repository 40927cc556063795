"""The questions to Logs Insights of docs/monitoring.md, answered by the embedded AWS from lines as jobs write them."""

import json
import logging
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from lakehouse.address import Address
from lakehouse.logs import JsonFormatter, log_ids, log_table
from local_aws.logs.event_fields import Row, fields_of
from local_aws.logs.query import parse

PAGE = Path(__file__).parents[1] / "docs" / "monitoring.md"
QUERIES = re.findall(r"^```\n(.*?)\n```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
RUN = "scheduled__2026-04-02T06-00-00-00-00"


@pytest.fixture
def events() -> list[Row]:
    """An INFO, a WARNING and an ERROR about one table in one run, as Logs Insights sees them."""
    levels = (logging.INFO, logging.WARNING, logging.ERROR)
    with log_ids(run_id=RUN, step="publish"), log_table(Address("ecommerce", "silver", "orders")):
        lines = [
            JsonFormatter().format(logging.LogRecord("lakehouse.steps", level, "", 0, "said", None, None))
            for level in levels
        ]
    group = SimpleNamespace(name="/aws-glue/jobs/output")
    stream = SimpleNamespace(log_stream_name="jr_0", account_id="1", log_group=group)
    return [
        fields_of(SimpleNamespace(message=line, timestamp=n, ingestion_time=n, event_id=str(n)), stream)
        for n, line in enumerate(lines)
    ]


def answer(text: str, rows: list[Row]) -> list[dict[str, str | None]]:
    query = parse(text)
    for step in query.steps:
        rows = step(rows)
    return [{name: row.get(name) for name in query.shown if not name.startswith("@")} for row in rows]


def test_the_questions_have_their_answers(events: list[Row]) -> None:
    errors, of_a_run, warnings = QUERIES

    assert answer(errors, events) == [{"table": "orders", "message": "said"}]
    assert answer(of_a_run, events) == [{"layer": "silver", "table": "orders", "message": "said"}] * 3
    assert answer(warnings, events) == [{"step": "publish", "table": "orders", "warnings": "1"}]
    assert [json.loads(event["@message"])["level"] for event in events] == ["INFO", "WARNING", "ERROR"]
