"""What is to go wrong: a seed and rules, as the admin API takes them."""

from enum import StrEnum
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

ANY = "*"


class Fault(StrEnum):
    """What happens to a call."""

    SLOW_DOWN = "slow_down"
    INTERNAL_ERROR = "internal_error"
    THROTTLING = "throttling"
    CONNECTION_RESET = "connection_reset"
    LOST_REPLY = "lost_reply"
    DELAY = "delay"
    EXPIRED_CREDENTIALS = "expired_credentials"
    CONCURRENT_RUNS_EXCEEDED = "concurrent_runs_exceeded"
    RUN_LOST = "run_lost"
    KILL_RUN = "kill_run"
    QUERY_FAILED = "query_failed"
    QUERY_TIMEOUT = "query_timeout"


ONLY_ON: dict[Fault, tuple[str, str]] = {
    Fault.SLOW_DOWN: ("s3", ANY),
    Fault.CONCURRENT_RUNS_EXCEEDED: ("glue", "StartJobRun"),
    Fault.QUERY_FAILED: ("athena", "StartQueryExecution"),
    Fault.QUERY_TIMEOUT: ("athena", "StartQueryExecution"),
}
"""Service and operation of the faults that exist on one service only."""


class Rule(BaseModel):
    """One fault and the calls that it befalls.

    Attributes:
        service: AWS's name as the SDK for Python has it: ``s3``, ``glue``, ``athena``, ``sts``, ``sqs``.
        operation: AWS's name, such as ``PutObject`` or ``StartJobRun``; ``*`` is every one.
        resource: Glob; ``bucket/key`` on S3 (of a listing ``bucket/prefix``), the job or ``database/table`` on
            Glue, the work group on Athena.
        client: Part of the caller's User-Agent, in any case: ``hadoop``, ``Boto3``, ``Trino``.
        job_name: Only calls that a run of this Glue job makes, or that name it.
        run_id: Only calls that this Glue run makes, or that name it.
        rate: Share of the calls that are hit, 0 to 1.
        nth: The call that is hit, counted from 1; with ``count`` so many calls from that one on.
        count: The most calls that are hit; without it one for ``nth``, any number for ``rate``.
        seconds: How long ``delay`` holds the call.
        moment: Whether ``kill_run`` kills before the call has its effect, or after it and before the reply.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    service: str = Field(pattern=r"^[a-z0-9.-]+$")
    operation: str = ANY
    resource: str | None = None
    client: str | None = None
    job_name: str | None = None
    run_id: str | None = None
    rate: float | None = Field(default=None, ge=0, le=1)
    nth: int | None = Field(default=None, ge=1)
    count: int | None = Field(default=None, ge=1)
    fault: Fault
    seconds: float | None = Field(default=None, ge=0, le=3600)
    moment: Literal["before", "after"] = "before"

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if (self.rate is None) == (self.nth is None):
            raise ValueError("give either rate (a share of the calls) or nth (one call), and not both")
        if (self.fault is Fault.DELAY) != (self.seconds is not None):
            raise ValueError("seconds belongs to the fault delay, which needs it")
        if self.moment == "after" and self.fault is not Fault.KILL_RUN:
            raise ValueError("moment belongs to the fault kill_run; lost_reply is its like for a single call")
        service, operation = ONLY_ON.get(self.fault, (self.service, self.operation))
        if service != self.service or operation not in {ANY, self.operation}:
            raise ValueError(f"{self.fault} exists only on service {service}, operation {operation}")
        return self


class Plan(BaseModel):
    """Rules in the order in which they are asked: the first one that is due has its way.

    Attributes:
        seed: With a rule's position and the ordinal of a call it decides every ``rate``.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    seed: int = 0
    rules: tuple[Rule, ...] = ()


class Addition(BaseModel):
    """Rules to put behind those that are there.

    Attributes:
        seed: Of the plan that this begins; where there are rules already it must be theirs.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    seed: int | None = None
    rules: tuple[Rule, ...] = Field(min_length=1)


class Firing(BaseModel):
    """One call that was hit.

    Attributes:
        rule: Position of the rule in the plan, from 0.
        ordinal: Which of the calls that the rule matches, from 1.
        time: UTC, ISO 8601.
        run_id: The Glue run that was killed; None if there was none to kill, or the fault kills none.
    """

    rule: int
    ordinal: int
    fault: Fault
    service: str
    operation: str
    resource: str
    client: str
    time: str
    run_id: str | None = None


class RuleState(BaseModel):
    """A rule, how many calls it matched, and how many of these it hit."""

    rule: Rule
    matched: int = 0
    fired: int = 0


class State(BaseModel):
    """What the admin API tells: the plan, its counters, and the latest firings, oldest first."""

    seed: int
    rules: list[RuleState]
    firings: list[Firing]


def wrong(error: ValidationError) -> str:
    """What is wrong with a rule or plan, each thing with its place."""
    return "; ".join(
        ": ".join(filter(None, [".".join(map(str, item["loc"])), item["msg"].removeprefix("Value error, ")]))
        for item in error.errors()
    )
