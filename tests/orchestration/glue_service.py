"""A Glue, and its logs, over HTTP: boto3 and aiobotocore check requests and parse answers for real."""

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

LIVE = {"STARTING", "RUNNING", "WAITING", "STOPPING"}


@dataclass
class GlueRun:
    """A run; each look at it moves it one state on, until the last."""

    id: str
    job: str
    arguments: dict[str, str]
    states: list[str]
    error: str = ""

    def answer(self) -> dict[str, Any]:
        body = {
            "Id": self.id,
            "JobName": self.job,
            "JobRunState": self.states[0],
            "Arguments": self.arguments,
            "ExecutionTime": 7,
            "LogGroupName": "/aws-glue/jobs",
        }
        return body | ({"ErrorMessage": self.error} if self.error else {})


@dataclass
class GlueService:
    """Answers GetJob, StartJobRun, GetJobRun, GetJobRuns, BatchStopJobRun and GetLogEvents.

    Attributes:
        jobs: Names of the jobs that exist.
        states: States that the next run to start goes through.
        error: ErrorMessage of the next run to start.
        logs: Lines by (log group, stream).
        calls: Names of the operations called, in order.
    """

    jobs: set[str] = field(default_factory=lambda: {"lakehouse-publish", "lakehouse-bronze_to_silver"})
    states: list[str] = field(default_factory=lambda: ["STARTING", "RUNNING", "SUCCEEDED"])
    error: str = ""
    runs: list[GlueRun] = field(default_factory=list)
    logs: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                operation = self.headers["X-Amz-Target"].rpartition(".")[2]
                service.calls.append(operation)
                status, answer = getattr(service, operation)(body)
                content = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/x-amz-json-1.1")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def add_run(self, run_id: str, job: str, arguments: dict[str, str], *states: str) -> GlueRun:
        """A run that is there already; the newest is listed first, as Glue does."""
        self.runs.insert(0, GlueRun(run_id, job, arguments, [*states]))
        return self.runs[0]

    def stopped(self) -> list[str]:
        """Ids of the runs that were told to stop."""
        return [run.id for run in self.runs if run.states[-1] == "STOPPED"]

    def GetJob(self, body: dict[str, Any]) -> tuple[int, Any]:  # noqa: N802
        if body["JobName"] not in self.jobs:
            return 400, {"__type": "EntityNotFoundException", "Message": "no such job"}
        return 200, {"Job": {"Name": body["JobName"]}}

    def StartJobRun(self, body: dict[str, Any]) -> tuple[int, Any]:  # noqa: N802
        run = self.add_run(f"jr_{len(self.runs)}", body["JobName"], body["Arguments"], *self.states)
        run.error = self.error
        return 200, {"JobRunId": run.id}

    def GetJobRun(self, body: dict[str, Any]) -> tuple[int, Any]:  # noqa: N802
        for run in self.runs:
            if (run.job, run.id) == (body["JobName"], body["RunId"]):
                answer = run.answer()
                run.states = run.states[1:] or run.states
                return 200, {"JobRun": answer}
        return 400, {"__type": "EntityNotFoundException", "Message": "no such run"}

    def GetJobRuns(self, body: dict[str, Any]) -> tuple[int, Any]:  # noqa: N802
        return 200, {"JobRuns": [run.answer() for run in self.runs if run.job == body["JobName"]]}

    def BatchStopJobRun(self, body: dict[str, Any]) -> tuple[int, Any]:  # noqa: N802
        done = []
        for run in self.runs:
            if run.id in body["JobRunIds"] and run.states[0] in LIVE:
                run.states = ["STOPPING", "STOPPED"]
                done.append({"JobName": run.job, "JobRunId": run.id})
        return 200, {"SuccessfulSubmissions": done, "Errors": []}

    def GetLogEvents(self, body: dict[str, Any]) -> tuple[int, Any]:  # noqa: N802
        stream = (body["logGroupName"], body["logStreamName"])
        if stream not in self.logs:
            return 400, {"__type": "ResourceNotFoundException", "message": "no such stream"}
        start = int(body.get("nextToken", "0"))
        events = [{"timestamp": 0, "message": line, "ingestionTime": 0} for line in self.logs[stream][start:]]
        return 200, {"events": events, "nextForwardToken": str(start + len(events))}
