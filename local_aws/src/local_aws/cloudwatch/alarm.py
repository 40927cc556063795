"""An alarm: what it watches, and the state it is in."""

import json
from datetime import datetime, timedelta
from typing import Any, ClassVar

from moto.cloudwatch import models
from moto.core.utils import utcnow

from local_aws.cloudwatch.evaluation import (
    COMPARISONS,
    EXTRA_PERIODS,
    INSUFFICIENT_DATA,
    Datapoint,
    Rule,
    evaluate,
)
from local_aws.cloudwatch.reason import reason
from local_aws.cloudwatch.series import Period, Series, periods, rounded


class WatchedAlarm(models.Alarm):  # type: ignore[misc]
    """One alarm; moto's starts in OK and is never evaluated."""

    class Meta:
        """What moto's answers leave out of names that begin with the class's, which was Alarm."""

        serialization_aliases: ClassVar = {
            f"Alarm{name}": name for name in ("Name", "Description", "ConfigurationUpdatedTimestamp", "Rule")
        }

    def __init__(self, **definition: Any) -> None:
        super().__init__(**definition)
        self.account_id: str = definition["account_id"]
        self.state_value = INSUFFICIENT_DATA
        self.state_updated_timestamp = self.state_transitioned_timestamp = utcnow()

    def take_over(self, before: "WatchedAlarm") -> None:
        """Keep the state of the alarm whose definition this one replaces."""
        for name in ("value", "reason", "reason_data", "updated_timestamp", "transitioned_timestamp"):
            setattr(self, f"state_{name}", getattr(before, f"state_{name}"))

    def update_state(self, reason: str, reason_data: str | None, state_value: str) -> None:
        now = utcnow()
        if state_value != self.state_value:
            self.state_transitioned_timestamp = now
        self.state_value, self.state_reason, self.state_reason_data = state_value, reason, reason_data
        self.state_updated_timestamp = now

    @property
    def actions(self) -> list[str]:
        """ARNs of what is to be done in the present state."""
        of_state = {"OK": self.ok_actions, "ALARM": self.alarm_actions}
        return list(of_state.get(self.state_value, self.insufficient_data_actions) or [])

    @property
    def stat(self) -> str:
        """``Average``, ``p90`` and the like."""
        return str(self.statistic or self.extended_statistic)

    @property
    def watched(self) -> bool:
        """Whether it compares one metric with a threshold: of expressions and compositions nothing is evaluated."""
        return bool(self.metric_name and self.period and self.comparison_operator in COMPARISONS)

    def comparison(self) -> Rule:
        """What it compares."""
        return Rule(
            self.comparison_operator,
            float(self.threshold),
            int(self.evaluation_periods),
            int(self.datapoints_to_alarm or self.evaluation_periods),
            self.treat_missing_data or "missing",
        )

    def evaluated(self, data: list[Any], now: datetime) -> tuple[str, str, str] | None:
        """Judge the metric's data.

        Returns:
            State, reason and reason data as of ``now``; None to keep the state.
        """
        rule = self.comparison()
        end = rounded(now, self.period)
        start = end - timedelta(seconds=self.period * (rule.periods + EXTRA_PERIODS))
        dimensions = [{"Name": item.name, "Value": item.value} for item in self.dimensions]
        series = Series.of(self.namespace, self.metric_name, dimensions, self.unit)
        found = {period.start: period for period in periods(data, series, start, end, self.period)}
        starts = [start + timedelta(seconds=self.period * k) for k in range(rule.periods + EXTRA_PERIODS)]
        points = [Datapoint(at, found[at].statistic(self.stat) if at in found else None) for at in starts]
        outcome = evaluate(rule, points)
        if outcome.state is None:
            return None
        told = reason(rule, outcome, out_of=bool(self.datapoints_to_alarm))
        used = [found[point.start] for point in outcome.evaluated]
        return outcome.state, told, self._reason_data(used, now)

    def _reason_data(self, used: list[Period], now: datetime) -> str:
        points = [
            {"timestamp": text_of(at.start), "sampleCount": at.count, "value": at.statistic(self.stat)}
            for at in reversed(used)
        ]
        told = {
            "version": "1.0",
            "queryDate": text_of(now),
            **({"startDate": text_of(used[0].start)} if used else {}),
            **({"unit": self.unit} if self.unit else {}),
            "statistic": self.stat,
            "period": self.period,
            "recentDatapoints": [at.statistic(self.stat) for at in used],
            "threshold": float(self.threshold),
            "evaluatedDatapoints": points,
        }
        return json.dumps(told, separators=(",", ":"))


def text_of(moment: datetime) -> str:
    """A time of CloudWatch's messages, ``2019-10-02T17:04:40.989+0000``."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}+0000"
