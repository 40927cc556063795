"""The life of a query, its result file and its work group, without server or engine."""

import io
import json
import pickle
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from local_aws.athena import paging, results, views
from local_aws.athena.engine import Engine
from local_aws.athena.errors import QueryFailedError, RequestRefusedError
from local_aws.athena.execution import QueryExecution
from local_aws.athena.statements import classify
from local_aws.athena.work_groups import changed_configuration


def execution(sql: str = "SELECT 1") -> QueryExecution:
    return QueryExecution(classify(sql), sql, "primary", "s3://b/out/", {"OutputLocation": "s3://b/out/"})


def test_states_of_a_query() -> None:
    query = execution()
    assert query.describe()["Status"]["State"] == "QUEUED"
    assert query.begin()
    query.succeed()
    query.stop()
    assert query.state == "SUCCEEDED"
    assert query.describe()["ResultConfiguration"]["OutputLocation"] == f"s3://b/out/{query.id}.csv"


def test_query_cancelled_while_queued_never_runs() -> None:
    query = execution()
    query.stop()
    assert not query.begin()
    assert query.describe()["Status"]["StateChangeReason"] == "Query cancelled by user"
    assert "AthenaError" not in query.describe()["Status"]


def test_stopping_cancels_the_engine_once() -> None:
    query, cancelled = execution(), []
    query.begin()
    query.cancel = lambda: cancelled.append(1)
    query.stop()
    query.stop()
    query.fail(QueryFailedError("late"))
    assert (query.state, cancelled, query.failure) == ("CANCELLED", [1], None)


def test_query_saved_while_it_ran_is_failed_after_the_restart() -> None:
    query = execution()
    query.begin()
    restored = pickle.loads(pickle.dumps(query))
    assert (restored.id, restored.state) == (query.id, "FAILED")
    assert "restarted" in restored.reason


@pytest.mark.parametrize("chunk", [1, 7, 1 << 20])
def test_result_file_is_read_back_as_it_was_written(monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    monkeypatch.setattr(results, "_CHUNK_BYTES", chunk)
    rows: list[results.Row] = [
        ["a", "b"],
        [None, ""],
        ['x "y", z', "line\nbreak"],
        ["naïve 😀", None],
        [None, None],
    ]
    written = "".join(results._csv_line(row) for row in rows).encode()
    read = list(results.csv_rows(io.BytesIO(written)))
    assert [row for row, _ in read] == rows
    assert sum(length for _, length in read) == len(written)


def test_pages_of_a_list() -> None:
    assert paging.page([1, 2, 3], None, 2) == ([1, 2], {"NextToken": "2"})
    assert paging.page([1, 2, 3], "2", 2) == ([3], {})
    with pytest.raises(RequestRefusedError):
        paging.page([1], "x", 1)
    assert paging.limit(None, 50) == 50
    with pytest.raises(RequestRefusedError) as refused:
        paging.limit(1001, 1000)
    assert (
        json.loads(refused.value.description)["Message"]
        == "MaxResults is more than maximum allowed length 1000"
    )


def test_work_group_updates_change_only_what_they_name() -> None:
    before = {
        "EnforceWorkGroupConfiguration": True,
        "BytesScannedCutoffPerQuery": 10_000_000,
        "ResultConfiguration": {"OutputLocation": "s3://a/", "ExpectedBucketOwner": "1"},
    }
    after = changed_configuration(
        before,
        {
            "RemoveBytesScannedCutoffPerQuery": True,
            "ResultConfigurationUpdates": {"OutputLocation": "s3://b/", "RemoveExpectedBucketOwner": True},
        },
    )
    assert after == {
        "EnforceWorkGroupConfiguration": True,
        "ResultConfiguration": {"OutputLocation": "s3://b/"},
    }


def test_view_columns_come_from_its_definition() -> None:
    # base64 of {"columns": [{"name": "n", "type": "decimal(28,2)"}]}
    encoded = "eyJjb2x1bW5zIjogW3sibmFtZSI6ICJuIiwgInR5cGUiOiAiZGVjaW1hbCgyOCwyKSJ9XX0="
    table = {"ViewOriginalText": f"/* Presto View: {encoded} */"}
    assert views.catalog_columns(table) == [{"Name": "n", "Type": "decimal(28,2)"}]


@contextmanager
def served(handler: type[BaseHTTPRequestHandler]) -> Iterator[int]:
    """The port of a server that answers with a handler."""
    server = HTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@pytest.fixture
def starting_engine() -> Iterator[tuple[int, threading.Event]]:
    """A stand-in for a Trino that starts; set the event and it says that it is up."""
    up = threading.Event()

    class Info(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps({"starting": not up.is_set(), "uptime": "2.00m"}).encode()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with served(Info) as port:
        yield port, up


def test_query_waits_for_an_engine_that_starts(starting_engine: tuple[int, threading.Event]) -> None:
    port, up = starting_engine
    threading.Timer(0.5, up.set).start()
    begun = time.monotonic()
    Engine("127.0.0.1", port, start_seconds=10).await_start(execution())
    assert 0.4 < time.monotonic() - begun < 5


def test_query_fails_when_the_engine_does_not_start(starting_engine: tuple[int, threading.Event]) -> None:
    with pytest.raises(QueryFailedError, match=r"did not start within 0.3 s") as failed:
        Engine("127.0.0.1", starting_engine[0], start_seconds=0.3).await_start(execution())
    assert failed.value.retryable


def test_waiting_query_can_be_cancelled(starting_engine: tuple[int, threading.Event]) -> None:
    query = execution()
    threading.Timer(0.3, query.stop).start()
    Engine("127.0.0.1", starting_engine[0], start_seconds=10).await_start(query)
    assert not query.begin()


@pytest.fixture
def engine_without_nodes() -> Iterator[tuple[int, list[str]]]:
    """A stand-in for a Trino that does not see its node for the first two statements, and what it was sent."""
    statements: list[str] = []

    class Statements(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            statements.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            answer: dict[str, object] = {"id": "1", "infoUri": "http://none", "stats": {"state": "FINISHED"}}
            if len(statements) <= 2:
                kind = {"errorName": "NO_NODES_AVAILABLE", "errorType": "INSUFFICIENT_RESOURCES"}
                answer["error"] = {"message": "No nodes available to run query", "errorCode": 1, **kind}
            else:
                signature = {"rawType": "integer", "arguments": []}
                columns = [{"name": "one", "type": "integer", "typeSignature": signature}]
                answer |= {"columns": columns, "data": [[1]]}
            body = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with served(Statements) as port:
        yield port, statements


def test_a_query_is_sent_again_while_the_engine_sees_no_node(
    engine_without_nodes: tuple[int, list[str]],
) -> None:
    port, statements = engine_without_nodes
    answer = Engine("127.0.0.1", port, start_seconds=10).run("SELECT 1 AS one", execution())
    assert list(answer.rows) == [[1]]
    assert statements == ["SELECT 1 AS one"] * 3


def test_an_engine_that_stays_without_nodes_fails_the_query(
    engine_without_nodes: tuple[int, list[str]],
) -> None:
    port, statements = engine_without_nodes
    with pytest.raises(QueryFailedError, match="No nodes available"):
        Engine("127.0.0.1", port, start_seconds=-1).run("SELECT 1 AS one", execution())
    assert len(statements) == 1


def test_a_look_at_a_query_waits_a_little_for_its_end() -> None:
    query = execution()
    query.begin()
    threading.Timer(0.2, query.succeed).start()
    begun = time.monotonic()
    query.await_end(5)
    assert query.state == "SUCCEEDED"
    assert time.monotonic() - begun < 2
    running = execution()
    running.await_end(0.05)
    assert running.state == "QUEUED"
