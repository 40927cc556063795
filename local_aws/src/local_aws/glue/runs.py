"""One run of a job: what GetJobRun tells of it."""

import threading
from typing import Any

from moto.core.utils import utcnow
from moto.glue.models import FakeJob, FakeJobRun

from local_aws.glue.capacity import PYTHON_SHELL, capacity

LOG_GROUP = "/aws-glue/jobs"
PYTHON_SHELL_LOG_GROUP = "/aws-glue/python-jobs"
ACTIVE = {"STARTING", "WAITING", "RUNNING", "STOPPING"}
DEFAULT_TIMEOUT_MINUTES = 480
AUTO_SCALING = "--enable-auto-scaling"


class JobRun(FakeJobRun):  # type: ignore[misc]
    """A run whose states are set by what its process does, not by how often it is asked for."""

    # Of runs that an earlier version saved.
    attempt = 0
    command_name: str | None = "glueetl"
    auto_scaling = False
    queuing = False
    state_detail: str | None = None

    def __init__(
        self, job: FakeJob, given: dict[str, str], execution_class: str | None = None, **options: Any
    ) -> None:
        super().__init__(job_name=job.name, arguments=given, **options)
        self.timeout: int = options.get("timeout") or DEFAULT_TIMEOUT_MINUTES
        self.state = "STARTING"
        self.error_message: str | None = None
        self.execution_seconds = 0.0
        self.glue_version = job.glue_version
        self.execution_class = execution_class or job.execution_class
        self.completed_on = None
        self.command_name = (job.command or {}).get("Name")
        self.auto_scaling = {**(job.default_arguments or {}), **given}.get(AUTO_SCALING) == "true"
        self._changing = threading.Lock()

    @property
    def status(self) -> str:
        return self.state

    @status.setter
    def status(self, value: str) -> None:
        """Ignore moto's simulated progress."""

    def advance(self) -> None:
        """Ignore moto's simulated progress."""

    def next_attempt(self, job: FakeJob) -> "JobRun":
        """A run like this one, which has failed."""
        names = ("allocated_capacity", "max_capacity", "timeout", "worker_type", "number_of_workers")
        options = {
            name: getattr(self, name) for name in (*names, "security_configuration", "notification_property")
        }
        run = JobRun(job, self.arguments or {}, self.execution_class, job_run_id=self.job_run_id, **options)
        run.attempt, run.queuing = self.attempt + 1, self.queuing
        run.job_run_id = f"{self.job_run_id.split('_attempt_')[0]}_attempt_{run.attempt}"
        return run

    @property
    def log_group(self) -> str:
        return PYTHON_SHELL_LOG_GROUP if self.command_name == PYTHON_SHELL else LOG_GROUP

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

    def wait(self, reason: str) -> None:
        """Wait for what the run needs: as WAITING if its job has queuing, else it seems to start all the while."""
        if self.queuing and self.move("WAITING", only_from={"STARTING"}):
            self.state_detail = reason

    def go_on(self) -> None:
        """Have what the run waited for."""
        self.state_detail = None
        self.move("STARTING", only_from={"WAITING"})

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
        seconds, dpu = round(self.execution_seconds), capacity(self.command_name, self.__dict__)
        described |= {
            "Attempt": self.attempt,
            "ExecutionTime": seconds,
            "ExecutionClass": self.execution_class,
            "GlueVersion": self.glue_version,
            "LogGroupName": self.log_group,
            "MaxCapacity": dpu,
            "AllocatedCapacity": int(dpu),
            "Timeout": self.timeout,
            "JobRunQueuingEnabled": self.queuing,
        }
        if self.state_detail:
            described["StateDetail"] = self.state_detail
        if self.execution_class == "FLEX" or self.auto_scaling:
            described["DPUSeconds"] = seconds * dpu
        if self.error_message:
            described["ErrorMessage"] = self.error_message
        if self.completed_on is None:
            del described["CompletedOn"]
        return described

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_changing"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._changing = threading.Lock()
