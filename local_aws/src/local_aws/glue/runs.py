"""One run of a job: what GetJobRun tells of it."""

import threading
from typing import Any

from moto.core.utils import utcnow
from moto.glue.models import FakeJob, FakeJobRun

LOG_GROUP = "/aws-glue/jobs"
ACTIVE = {"STARTING", "RUNNING", "STOPPING"}
DEFAULT_TIMEOUT_MINUTES = 480
DPU_OF_WORKER = {"G.025X": 0.25, "G.1X": 1, "G.2X": 2, "G.4X": 4, "G.8X": 8, "G.12X": 12, "G.16X": 16}


class JobRun(FakeJobRun):  # type: ignore[misc]
    """A run whose states are set by what its process does, not by how often it is asked for."""

    def __init__(self, job: FakeJob, given: dict[str, str], **options: Any) -> None:
        super().__init__(job_name=job.name, arguments=given, **options)
        self.timeout: int = options.get("timeout") or DEFAULT_TIMEOUT_MINUTES
        self.state = "STARTING"
        self.error_message: str | None = None
        self.execution_seconds = 0.0
        self.glue_version = job.glue_version
        self.execution_class = job.execution_class
        self.completed_on = None
        self._changing = threading.Lock()

    @property
    def status(self) -> str:
        return self.state

    @status.setter
    def status(self, value: str) -> None:
        """Ignore moto's simulated progress."""

    def advance(self) -> None:
        """Ignore moto's simulated progress."""

    @property
    def active(self) -> bool:
        return self.state in ACTIVE

    def move(self, state: str, *, only_from: set[str]) -> bool:
        """Change the state if it is one of ``only_from``; says whether it was."""
        with self._changing:
            if self.state not in only_from:
                return False
            self.state = state
            self.modified_on = utcnow()
            return True

    def finish(self, state: str, error_message: str | None, execution_seconds: float) -> None:
        """Enter a final state; a run that was being stopped is STOPPED whatever its process did last."""
        with self._changing:
            stopped = self.state == "STOPPING"
            self.error_message = None if stopped else error_message
            self.execution_seconds = execution_seconds
            self.completed_on = self.modified_on = utcnow()
            self.state = "STOPPED" if stopped else state

    def interrupted(self) -> None:
        """Close a run that was under way when the server ended."""
        if self.active:
            self.state = "FAILED"
            self.completed_on = self.modified_on = utcnow()
            self.error_message = "The run ended with the embedded AWS, which was stopped. Start it again."

    def as_dict(self) -> dict[str, Any]:
        described: dict[str, Any] = super().as_dict()
        seconds = round(self.execution_seconds)
        described |= {
            "ExecutionTime": seconds,
            "ExecutionClass": self.execution_class,
            "GlueVersion": self.glue_version,
            "LogGroupName": LOG_GROUP,
            "MaxCapacity": self._capacity(),
            "DPUSeconds": seconds * self._capacity(),
            "Timeout": self.timeout,
        }
        if self.error_message:
            described["ErrorMessage"] = self.error_message
        if self.completed_on is None:
            del described["CompletedOn"]
        return described

    def _capacity(self) -> float:
        per_worker = DPU_OF_WORKER.get(self.worker_type or "", 1)
        return float(self.max_capacity or per_worker * (self.number_of_workers or 2))

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_changing"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._changing = threading.Lock()
