"""Data of one metric, gathered by period.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from moto.cloudwatch.models import MetricAggregatedDatum, MetricDatumBase
from moto.core.utils import utcnow

MINUTE_SECONDS = 60
RETAINED = (
    (MINUTE_SECONDS, timedelta(hours=3)),
    (5 * MINUTE_SECONDS, timedelta(days=15)),
    (60 * MINUTE_SECONDS, timedelta(days=63)),
)
"""How long data can be seen in periods shorter than so many seconds."""
RETAINED_LONGEST = timedelta(days=455)
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - moto's times are of UTC, and naive
_PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d+)?|100)")


@dataclass(frozen=True)
class Series:
    """What identifies a metric: a datum with one dimension more is of another metric.

    Attributes:
        unit: Only data of this unit; None takes all.
    """

    namespace: str
    name: str
    dimensions: frozenset[tuple[str, str]]
    unit: str | None = None

    @classmethod
    def of(
        cls, namespace: str, name: str, dimensions: Iterable[dict[str, str]], unit: str | None = None
    ) -> "Series":
        """Of a request's parameters."""
        return cls(namespace, name, frozenset((item["Name"], item["Value"]) for item in dimensions), unit)

    def holds(self, datum: MetricDatumBase) -> bool:
        return self == Series.of_datum(datum, self.unit and (datum.unit or "None"))

    @classmethod
    def of_datum(cls, datum: MetricDatumBase, unit: str | None = None) -> "Series":
        """The metric that a datum is of."""
        dimensions = frozenset((item.name, item.value) for item in datum.dimensions)
        return cls(datum.namespace, datum.name, dimensions, unit)


@dataclass
class Period:
    """What was reported between ``start`` and the next period.

    Attributes:
        start: In UTC, naive.
        values: Single values; of statistic sets only the other fields know.
    """

    start: datetime
    count: float = 0
    total: float = 0
    lowest: float = math.inf
    highest: float = -math.inf
    values: list[float] = field(default_factory=list)
    unit: str | None = None

    def add(self, datum: Any) -> None:
        self.unit = datum.unit or "None"
        if isinstance(datum, MetricAggregatedDatum):
            self._add(datum.sample_count, datum.sum, datum.min, datum.max)
        else:
            self._add(1, datum.value, datum.value, datum.value)
            self.values.append(datum.value)

    def _add(self, count: float, total: float, lowest: float, highest: float) -> None:
        self.count += count
        self.total += total
        self.lowest = min(self.lowest, lowest)
        self.highest = max(self.highest, highest)

    def statistic(self, name: str) -> float | None:
        """The value of a statistic (``Sum``, ``p99.9``, …); None of one that cannot be told."""
        if name == "Average":
            return self.total / self.count if self.count else None
        told = {"SampleCount": self.count, "Sum": self.total, "Minimum": self.lowest, "Maximum": self.highest}
        if name in told:
            return told[name]
        found = _PERCENTILE.fullmatch(name)
        return self._percentile(float(found[1]) / 100) if found else None

    def _percentile(self, share: float) -> float | None:
        if not self.values:
            return None
        rank = max(1, math.ceil(share * len(self.values)))
        return sorted(self.values)[rank - 1]


def periods(
    data: Iterable[MetricDatumBase], series: Series, start: datetime, end: datetime, seconds: int
) -> list[Period]:
    """Gather a metric's data from ``start`` until before ``end``; periods without data are left out.

    What is too old for periods so short is not seen:
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html
    """
    start = rounded(start, seconds)
    oldest = max(start, utcnow() - retention(seconds))
    found: dict[int, Period] = {}
    for datum in data:
        if oldest <= datum.timestamp < end and series.holds(datum):
            number = int((datum.timestamp - start).total_seconds() // seconds)
            period = found.setdefault(number, Period(start + timedelta(seconds=number * seconds)))
            period.add(datum)
    return [found[number] for number in sorted(found)]


def retention(seconds: int) -> timedelta:
    """How long data can be seen in periods of so many seconds."""
    return next((kept for shorter_than, kept in RETAINED if seconds < shorter_than), RETAINED_LONGEST)


def rounded(moment: datetime, period_seconds: int) -> datetime:
    """Down to the minute; for shorter periods down to the period."""
    step = min(period_seconds, MINUTE_SECONDS)
    return moment - timedelta(seconds=(moment - EPOCH).total_seconds() % step)
