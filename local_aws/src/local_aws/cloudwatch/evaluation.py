"""Which state the datapoints of an alarm mean.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
"""

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

OK, ALARM, INSUFFICIENT_DATA = "OK", "ALARM", "INSUFFICIENT_DATA"
EXTRA_PERIODS = 2
"""Periods that are looked at beyond those to evaluate: as in AWS's example, which is all it tells."""
COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}


@dataclass(frozen=True)
class Datapoint:
    """The statistic of one period; ``value`` is None if nothing was reported."""

    start: datetime
    value: float | None


@dataclass(frozen=True)
class Rule:
    """What an alarm compares.

    Attributes:
        periods: Datapoints that are evaluated.
        breaching_min: How many of them have to breach.
        missing: ``missing``, ``ignore``, ``breaching`` or ``notBreaching``.
    """

    comparison: str
    threshold: float
    periods: int
    breaching_min: int
    missing: str = "missing"

    def breaches(self, value: float) -> bool:
        return COMPARISONS[self.comparison](value, self.threshold)


@dataclass(frozen=True)
class Outcome:
    """What an evaluation found.

    Attributes:
        state: None keeps the state.
        evaluated: The real datapoints that counted, the oldest first.
        filled: How many more were missing.
    """

    state: str | None
    evaluated: tuple[Datapoint, ...]
    filled: int


def evaluate(rule: Rule, points: Sequence[Datapoint]) -> Outcome:
    """Decide on the datapoints of the evaluation range, the oldest first."""
    real = [point for point in points if point.value is not None][-rule.periods :]
    filled = rule.periods - len(real)
    breaching = sum(_breaches(rule, point) for point in real)
    return Outcome(_state(rule, points, len(real), breaching, filled), tuple(real), filled)


def _state(rule: Rule, points: Sequence[Datapoint], real: int, breaching: int, filled: int) -> str | None:
    if rule.missing == "breaching":
        breaching += filled
    if breaching >= rule.breaching_min:
        return ALARM
    if not filled or rule.missing in {"breaching", "notBreaching"} or breaching < real:
        return OK
    # Nothing real, or only breaching datapoints, and fewer than it takes.
    if rule.missing == "ignore":
        return None
    return ALARM if _long_breaching(rule, points) else INSUFFICIENT_DATA


def _long_breaching(rule: Rule, points: Sequence[Datapoint]) -> bool:
    """Whether the oldest datapoint, which breaches, is as old as an alarm takes: none after it said otherwise."""
    ages = [len(points) - index for index, point in enumerate(points) if point.value is not None]
    return bool(ages) and ages[0] >= rule.breaching_min


def _breaches(rule: Rule, point: Datapoint) -> bool:
    return point.value is not None and rule.breaches(point.value)
