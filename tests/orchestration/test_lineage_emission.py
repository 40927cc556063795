"""What `record` keeps of a run's lineage in the lake, and what reaches an endpoint, which may be down."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from orchestration.configuration import configuration
from orchestration.record_operator import RecordOperator
from tests.orchestration.documents_on_s3 import keys, put
from tests.orchestration.glue_service import GlueService
from tests.orchestration.running import a_context, a_plan
from tests.orchestration.test_record_operator import RunType

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PLAN = a_plan(tables={"bronze": [], "silver": ["orders"], "gold": []})
KEPT = "metadata/lineage/ecommerce/run-1.ndjson"
UNREACHABLE = "http://127.0.0.1:9"


class Endpoint:
    """An OpenLineage endpoint: keeps what it is sent, or refuses it."""

    def __init__(self) -> None:
        self.posts: list[tuple[str, str | None, dict[str, Any]]] = []
        self.status = 201
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                endpoint.posts.append((self.path, self.headers.get("Authorization"), body))
                self.send_response(endpoint.status)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Be silent."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoint]:
    made = Endpoint()
    monkeypatch.setenv("LAKEHOUSE_OPENLINEAGE_URL", made.url)
    yield made
    made.close()


@pytest.fixture
def record(lake: "S3Client", glue: GlueService, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Record a run of silver's orders, which was published as version 4."""
    monkeypatch.setenv("ECOM_S3_BUCKET_NAME", "lake")
    mine = {"--domain": "ecommerce", "--run-id": "run-1"}
    glue.add_run("jr_1", "lakehouse-bronze_to_silver", mine, "SUCCEEDED")
    candidate = {"tables": {"orders": {"outcome": "candidate", "counts": {}, "files": []}}}
    put(lake, "metadata/runs/run-1/silver/candidate.json", candidate)
    told = {"version_before": 3, "version_after": 4, "rows": 5, "inputs": {"ecommerce.bronze.orders": 2}}
    put(lake, "metadata/runs/run-1/silver/published.json", {"tables": {"orders": told}})
    context: Any = a_context(PLAN, archive={})
    context["dag_run"].run_type = RunType.MANUAL
    context["ti"].xcoms["bronze_to_silver.candidate"] = {"glue_job_run_id": "jr_1"}
    operator = RecordOperator(task_id="record", checks=[], settings=configuration())
    return lambda: operator.execute(context)


def kept(lake: "S3Client") -> list[dict[str, Any]]:
    body = lake.get_object(Bucket="lake", Key=KEPT)["Body"].read().decode()
    return [json.loads(line) for line in body.splitlines()]


def test_events_are_kept_in_the_lake_by_default(lake: "S3Client", record: Any) -> None:
    record()

    assert [(event["job"]["name"], event["eventType"]) for event in kept(lake)] == [
        ("ecommerce", "START"),
        ("ecommerce", "COMPLETE"),
        ("ecommerce.bronze_to_silver.orders", "START"),
        ("ecommerce.bronze_to_silver.orders", "COMPLETE"),
    ]


def test_a_run_that_is_recorded_again_takes_the_older_events_place(lake: "S3Client", record: Any) -> None:
    record()
    record()

    assert keys(lake, "metadata/lineage/") == [KEPT]
    assert len(kept(lake)) == 4


def test_an_endpoint_gets_what_is_kept(lake: "S3Client", endpoint: Endpoint, record: Any) -> None:
    record()

    assert [body for _, _, body in endpoint.posts] == kept(lake)
    assert {(path, key) for path, key, _ in endpoint.posts} == {("/api/v1/lineage", None)}


def test_an_endpoint_with_a_lock_gets_the_key(
    endpoint: Endpoint, record: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENLINEAGE_API_KEY", "sesame")
    record()

    assert {key for _, key, _ in endpoint.posts} == {"Bearer sesame"}


def test_an_endpoint_that_refuses_stops_no_run(lake: "S3Client", endpoint: Endpoint, record: Any) -> None:
    endpoint.status = 403

    assert record() == {"tables": 1, "expectations": 0}
    assert len(endpoint.posts) == 1, "the others would be refused too"
    assert len(kept(lake)) == 4


def test_an_endpoint_that_is_down_stops_no_run(
    lake: "S3Client", record: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAKEHOUSE_OPENLINEAGE_URL", UNREACHABLE)

    assert record() == {"tables": 1, "expectations": 0}
    assert len(kept(lake)) == 4
