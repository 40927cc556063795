"""A query and its results."""

import uuid
from typing import Any

from moto.core.utils import utcnow
from moto.logs import models

from local_aws.logs.event_fields import Row, fields_of, told
from local_aws.logs.query import LIMIT_MAX, parse


class InsightsQuery(models.LogQuery):  # type: ignore[misc]
    """A query that has ended: it is run while it is made.

    Args:
        text: The query.
        groups: Log groups of moto's.
        start, end: Epoch seconds, both inclusive.
        limit: Of the results, beside that of the query.

    Raises:
        MalformedQueryError: The query breaks a rule, or has what is not supported here.
    """

    def __init__(self, text: str, groups: list[Any], start: int, end: int, limit: int | None) -> None:
        parsed = parse(text)
        self.query_id = str(uuid.uuid4())
        self.query, self.start_time, self.end_time = text, start, end
        self.log_group_names = [group.name for group in groups]
        self.create_time = utcnow()
        rows = _scanned(groups, start, end)
        self.statistics = {
            "recordsScanned": float(len(rows)),
            "bytesScanned": float(sum(len(row["@message"].encode()) for row in rows)),
        }
        for step in parsed.steps:
            rows = step(rows)
        self.statistics["recordsMatched"] = float(len(rows))
        shown = parsed.shown if parsed.counted else [*parsed.shown, "@ptr"]
        most = min(limit or LIMIT_MAX, parsed.limit or LIMIT_MAX)
        self.results = [{name: told(name, row[name]) for name in shown if name in row} for row in rows[:most]]
        self.status = "Complete"

    def to_result_json(self) -> dict[str, Any]:
        return {**super().to_result_json(), "statistics": self.statistics, "queryLanguage": "CWLI"}


def _scanned(groups: list[Any], start: int, end: int) -> list[Row]:
    """Events of the time, the latest first."""
    found = [
        fields_of(event, stream)
        for group in groups
        for stream in list(group.streams.values())
        for event in list(stream.events)
        if start * 1000 <= event.timestamp <= end * 1000
    ]
    return sorted(found, key=lambda row: int(row["@timestamp"]), reverse=True)
