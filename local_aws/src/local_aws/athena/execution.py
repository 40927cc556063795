"""One query: its states, and how GetQueryExecution tells of it."""

import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from local_aws.athena.errors import QueryFailedError
from local_aws.athena.statements import Statement

# One lock for all: transitions are rare and short, and executions stay plain data that can be saved.
_TRANSITION = threading.Condition()

_ENGINE_VERSION = {
    "SelectedEngineVersion": "AUTO",
    "EffectiveEngineVersion": "Athena engine version 3",
}


@dataclass
class QueryExecution:
    """A query from StartQueryExecution on.

    Attributes:
        output: Output location that applies, ending in a slash.
        requested_output: Output location of the request, None if it named none.
        context: ``Catalog`` and ``Database`` as sent.
        parameters: Values of the statement's question marks, in Athena's notation.
        scanned_bytes: Bytes of data files that the engine read.
        output_enforced: Whether the work group, not the request, says where results go.
        scan_limit: Bytes that it may read before it is cancelled; None for no limit.
        written_to: Folder that its data files go to, for a query that writes some.
        engine_query_id: The engine's own id of it.
        sent: The query as sent; of an EXECUTE, ``statement`` is the prepared one.
        reuse_minutes: Oldest result of the same query that may be its result; None for none.
        reused: The query whose result is its result.
        cancel: Ends the engine's work on it, while there is any.
    """

    statement: Statement
    sent: str
    work_group: str
    output: str
    result_configuration: dict[str, Any]
    requested_output: str | None = None
    context: dict[str, str] = field(default_factory=dict)
    parameters: list[str] = field(default_factory=list)
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    state: str = "QUEUED"
    failure: QueryFailedError | None = None
    reason: str | None = None
    submitted_at: float = field(default_factory=time.time)
    started_at: float | None = None
    completed_at: float | None = None
    output_enforced: bool = False
    scan_limit: int | None = None
    written_to: str | None = None
    engine_query_id: str | None = None
    reuse_minutes: int | None = None
    reused: "QueryExecution | None" = None
    scanned_bytes: int = 0
    planning_ms: int = 0
    output_rows: int = 0
    output_bytes: int = 0
    update_count: int | None = None
    substatement: str | None = None
    manifest: str | None = None
    columns: list[dict[str, Any]] = field(default_factory=list)
    cancel: Callable[[], None] | None = field(default=None, repr=False)

    @property
    def database(self) -> str:
        # Some clients quote the name as in DDL.
        return (self.context.get("Database") or "default").strip('"`').lower()

    @property
    def result_location(self) -> str:
        """URI of the result file."""
        if self.reused is not None:
            return self.reused.result_location
        return self.output + self.statement.result_key(self.id)

    @property
    def manifest_location(self) -> str:
        """URI of the list of the data files that it writes."""
        return f"{self.output}{self.id}-manifest.csv"

    @property
    def finished(self) -> bool:
        return self.state not in {"QUEUED", "RUNNING"}

    def begin(self) -> bool:
        """Go from QUEUED to RUNNING; False if it was cancelled meanwhile."""
        with _TRANSITION:
            if self.state != "QUEUED":
                return False
            self.state, self.started_at = "RUNNING", time.time()
            return True

    def succeed(self) -> None:
        self._finish("SUCCEEDED", None)

    def fail(self, failure: QueryFailedError) -> None:
        with _TRANSITION:
            if not self.finished:
                self.failure = failure
            self._finish("FAILED", failure.reason)

    def reuse(self, earlier: "QueryExecution") -> None:
        """Take the result of an earlier query instead of running."""
        self.reused = earlier
        self.columns, self.update_count = earlier.columns, earlier.update_count
        self.output_rows, self.output_bytes = earlier.output_rows, earlier.output_bytes
        self.succeed()

    def stop(self, reason: str = "Query cancelled by user") -> None:
        """Cancel it, in whichever state it is; stopping what has finished changes nothing."""
        with _TRANSITION:
            cancel = None if self.finished else self.cancel
            self._finish("CANCELLED", reason)
        if cancel is not None:
            cancel()

    def _finish(self, state: str, reason: str | None) -> None:
        with _TRANSITION:
            if self.finished:
                return
            self.state, self.reason, self.completed_at = state, reason, time.time()
            self.started_at = self.started_at or self.completed_at
            self.cancel = None
            _TRANSITION.notify_all()

    def await_end(self, seconds: float) -> None:
        """Wait until it has finished, or the time is over."""
        with _TRANSITION:
            _TRANSITION.wait_for(lambda: self.finished, seconds)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "cancel": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.fail(
            QueryFailedError("GENERIC_INTERNAL_ERROR: the server was restarted", 100, 1, retryable=True)
        )

    def describe(self) -> dict[str, Any]:
        """The QueryExecution of the API."""
        context = {name: value for name, value in self.context.items() if value}
        if "Catalog" in context:
            context["Catalog"] = context["Catalog"].lower()
        described: dict[str, Any] = {
            "QueryExecutionId": self.id,
            "Query": self.sent,
            "StatementType": self.statement.kind,
            "ResultConfiguration": {**self.result_configuration, "OutputLocation": self.result_location},
            "ResultReuseConfiguration": {"ResultReuseByAgeConfiguration": self._reuse()},
            "QueryExecutionContext": context,
            "Status": self._status(),
            "Statistics": self._statistics(),
            "WorkGroup": self.work_group,
            "EngineVersion": _ENGINE_VERSION,
        }
        if substatement := self.substatement or self.statement.substatement:
            described["SubstatementType"] = substatement
        if self.parameters:
            described["ExecutionParameters"] = self.parameters
        return described

    def _reuse(self) -> dict[str, Any]:
        if self.reuse_minutes is None:
            return {"Enabled": False}
        return {"Enabled": True, "MaxAgeInMinutes": self.reuse_minutes}

    def _status(self) -> dict[str, Any]:
        status: dict[str, Any] = {"State": self.state, "SubmissionDateTime": self.submitted_at}
        if self.completed_at is not None:
            status["CompletionDateTime"] = self.completed_at
        if self.reason is not None:
            status["StateChangeReason"] = self.reason
        if self.failure is not None:
            status["AthenaError"] = {
                "ErrorCategory": self.failure.category,
                "ErrorType": self.failure.error_type,
                "Retryable": self.failure.retryable,
                "ErrorMessage": self.failure.reason,
            }
        return status

    def timeline(self) -> dict[str, int]:
        """Where its time went, in milliseconds."""
        now = time.time()
        started = self.started_at or now
        completed = self.completed_at or now
        queued = max(0, int((min(started, completed) - self.submitted_at) * 1000))
        engine = 0 if self.started_at is None else max(0, int((completed - self.started_at) * 1000))
        return {
            "EngineExecutionTimeInMillis": engine,
            "QueryPlanningTimeInMillis": min(self.planning_ms, engine),
            "QueryQueueTimeInMillis": queued,
            "ServicePreProcessingTimeInMillis": 0,
            "ServiceProcessingTimeInMillis": 0,
            "TotalExecutionTimeInMillis": queued + engine,
        }

    def _statistics(self) -> dict[str, Any]:
        statistics: dict[str, Any] = {
            **self.timeline(),
            "DataScannedInBytes": self.scanned_bytes,
            "ResultReuseInformation": {"ReusedPreviousResult": self.reused is not None},
        }
        if self.manifest is not None:
            statistics["DataManifestLocation"] = self.manifest
        return statistics

    def runtime_statistics(self) -> dict[str, Any]:
        """The QueryRuntimeStatistics of the API."""
        rows = {
            "InputBytes": self.scanned_bytes,
            "InputRows": 0,
            "OutputBytes": self.output_bytes,
            "OutputRows": self.output_rows,
        }
        return {"Timeline": self.timeline(), "Rows": rows}
