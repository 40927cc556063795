"""Which calls are hit: rules, their counters and what they did."""

import random
import threading
from collections import deque
from datetime import UTC, datetime
from fnmatch import fnmatchcase

from local_aws.faults.calls import Call
from local_aws.faults.plan import ANY, Addition, Fault, Firing, Plan, Rule, RuleState, State

FIRINGS_MAX = 10_000
OWN_CLIENT = "local-aws"
"""In the User-Agent of requests that parts of this server make; only a rule that names its client meets them."""


class SeedError(ValueError):
    """Rules of two seeds cannot be replayed as one plan."""


class FaultPlane:
    """The plan in force.

    Attributes:
        rules: Rules with their counters; empty while nothing is to go wrong.
    """

    def __init__(self) -> None:
        self.rules: tuple[RuleState, ...] = ()
        self._seed = 0
        self._firings: deque[Firing] = deque(maxlen=FIRINGS_MAX)
        self._lock = threading.Lock()
        self._replaced = threading.Event()

    def replace(self, plan: Plan) -> None:
        """Put a plan in force, with its counters at zero and no firings; delays of the old plan end."""
        with self._lock:
            self._seed = plan.seed
            self._firings.clear()
            self._replaced.set()
            self._replaced = threading.Event()
            self.rules = tuple(RuleState(rule=rule) for rule in plan.rules)

    def add(self, addition: Addition) -> None:
        """Put rules behind those in force, whose counters go on.

        Raises:
            SeedError: The addition has another seed than the plan in force.
        """
        with self._lock:
            seed = self._seed if addition.seed is None else addition.seed
            if self.rules and seed != self._seed:
                raise SeedError(
                    f"The rules in force have seed {self._seed}: leave out the seed, or clear them first"
                )
            self._seed = seed
            self.rules = (*self.rules, *(RuleState(rule=rule) for rule in addition.rules))

    def state(self) -> State:
        """Plan, counters and firings at one moment."""
        with self._lock:
            rules = [state.model_copy() for state in self.rules]
            return State(seed=self._seed, rules=rules, firings=list(self._firings))

    def decide(self, call: Call, maker: tuple[str, str] | None) -> tuple[Rule, Firing] | None:
        """Count a call with every rule that it matches; the rule that befalls it, and the record of that.

        Args:
            call: The call.
            maker: Job and run whose credentials the call carries, None if it is not a run's.
        """
        due = None
        with self._lock:
            for position, state in enumerate(self.rules):
                if not _matches(state.rule, call, maker):
                    continue
                state.matched += 1
                if due is None and _is_due(state, self._seed, position):
                    state.fired += 1
                    due = state.rule, _firing(state, position, call)
            if due is not None:
                self._firings.append(due[1])
        return due

    def hold(self, seconds: float) -> None:
        """Wait so long, or until another plan comes."""
        self._replaced.wait(seconds)


def _matches(rule: Rule, call: Call, maker: tuple[str, str] | None) -> bool:
    job_name, run_id = maker or (call.job_name, call.run_id)
    return (
        rule.service == call.service
        and rule.operation in {ANY, call.operation}
        and (rule.resource is None or fnmatchcase(call.resource, rule.resource))
        and _is_client(rule.client, call.client)
        and rule.job_name in {None, job_name}
        and rule.run_id in {None, run_id}
    )


def _is_client(wanted: str | None, client: str) -> bool:
    if wanted is None:
        return OWN_CLIENT not in client
    return wanted.lower() in client.lower()


def _is_due(state: RuleState, seed: int, position: int) -> bool:
    rule = state.rule
    if rule.nth is not None:
        return rule.nth <= state.matched < rule.nth + (rule.count or 1)
    if rule.count is not None and state.fired >= rule.count:
        return False
    # One generator per call: what other threads draw does not change the answer.
    return random.Random(f"{seed}/{position}/{state.matched}").random() < (rule.rate or 0)  # noqa: S311


def _firing(state: RuleState, position: int, call: Call) -> Firing:
    return Firing(
        rule=position,
        ordinal=state.matched,
        fault=Fault(state.rule.fault),
        service=call.service,
        operation=call.operation,
        resource=call.resource,
        client=call.client,
        time=datetime.now(UTC).isoformat(timespec="milliseconds"),
    )
