"""Which Glue run a fault kills."""

from collections.abc import Sequence
from typing import Protocol

from local_aws.faults.calls import Call
from local_aws.faults.plan import Fault, Rule

# What Glue says of a run whose machine went away, and of one whose process was killed.
MESSAGES = {
    Fault.RUN_LOST: "Internal service error: the worker of the job run was lost",
    Fault.KILL_RUN: "Command failed with exit code 137",
}


class RunningJob(Protocol):
    """A Glue run that has not ended."""

    @property
    def job_name(self) -> str: ...

    @property
    def run_id(self) -> str: ...

    @property
    def access_key(self) -> str: ...

    @property
    def has_process(self) -> bool: ...

    def lose(self, message: str) -> None:
        """Kill its processes at once; it ends FAILED with ``message``."""


class Runs(Protocol):
    """What runs Glue jobs."""

    def running(self) -> Sequence[RunningJob]:
        """Runs that have not ended, the oldest first."""


def maker_of(call: Call, runs: Runs) -> RunningJob | None:
    """The run that makes a call, told by its credentials; the oldest where runs share them."""
    return next(
        (run for run in runs.running() if run.has_process and run.access_key == call.access_key), None
    )


def victim_of(rule: Rule, call: Call, runs: Runs) -> RunningJob | None:
    """The run to kill: the one that makes or starts it, else that which call or rule name, else the oldest."""
    if (maker := maker_of(call, runs)) is not None:
        return maker
    job_name, run_id = rule.job_name or call.job_name, rule.run_id or call.run_id
    named = [
        run for run in runs.running() if job_name in {None, run.job_name} and run_id in {None, run.run_id}
    ]
    if call.operation == "StartJobRun":
        return named[-1] if named else None
    return next((run for run in named if run.has_process), next(iter(named), None))
