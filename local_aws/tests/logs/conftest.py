"""A log group, and queries of it."""

import json
import time

import pytest


@pytest.fixture(scope="session")
def logs(storage):
    return storage.client("logs")


class Group:
    """A log group of one test's own with one stream.

    Events are a second apart in the order in which they are put; ``noon`` is the epoch second of the first.
    """

    def __init__(self, client, name):
        self.client, self.name = client, name
        self.noon = int(time.time()) // 3600 * 3600 - 3600
        client.create_log_group(logGroupName=name)
        client.create_log_stream(logGroupName=name, logStreamName="s")

    def put(self, *messages):
        texts = [message if isinstance(message, str) else json.dumps(message) for message in messages]
        events = [{"timestamp": (self.noon + k) * 1000, "message": text} for k, text in enumerate(texts)]
        self.client.put_log_events(logGroupName=self.name, logStreamName="s", logEvents=events)

    def start(self, query, **options):
        times = {"startTime": self.noon, "endTime": self.noon + 3600}
        if not {"logGroupName", "logGroupNames", "logGroupIdentifiers"} & options.keys():
            options["logGroupName"] = self.name
        return self.client.start_query(**{**times, **options}, queryString=query)["queryId"]

    def query(self, query, **options):
        """Rows of the results, without ``@ptr``."""
        answer = self.client.get_query_results(queryId=self.start(query, **options))
        assert answer["status"] == "Complete"
        rows = [{pair["field"]: pair["value"] for pair in row} for row in answer["results"]]
        return [{name: value for name, value in row.items() if name != "@ptr"} for row in rows]

    def values(self, field, command):
        """Values of one field after a command, in order."""
        return [row.get(field) for row in self.query(f"fields {field} | {command}")]


@pytest.fixture
def group(logs, request):
    return Group(logs, f"/test/{request.node.name.replace('[', '-').rstrip(']')}"[:100])
