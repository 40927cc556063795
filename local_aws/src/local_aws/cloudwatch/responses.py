"""CloudWatch calls that moto lacks or answers in part."""

from typing import Any

from moto.cloudwatch.models import cloudwatch_backends
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult

from local_aws.cloudwatch.backend import WatchingBackend
from local_aws.cloudwatch.series import Period

STATISTICS = {"SampleCount", "Average", "Sum", "Minimum", "Maximum"}
HISTORY_PAGE = 100


class WatchingResponse(CloudWatchResponse):  # type: ignore[misc]
    """Serves one CloudWatch request."""

    @property
    def cloudwatch_backend(self) -> WatchingBackend:
        return cloudwatch_backends[self.current_account][self.region]  # type: ignore[no-any-return]

    def get_metric_statistics(self) -> ActionResult:
        wanted = [*self._get_param("Statistics", []), *(self._get_param("ExtendedStatistics", None) or [])]
        answer = super().get_metric_statistics().result
        points = [_datapoint(period, wanted) for period in answer["Datapoints"]]
        return ActionResult({**answer, "Datapoints": points})

    def describe_alarm_history(self) -> ActionResult:
        """Page through what happened to alarms."""
        items = self.cloudwatch_backend.history.items(
            self._get_param("AlarmName"),
            self._get_param("HistoryItemType"),
            self._get_param("StartDate"),
            self._get_param("EndDate"),
            oldest_first=self._get_param("ScanBy") == "TimestampAscending",
        )
        start = int(self._get_param("NextToken") or 0)
        end = start + (self._get_int_param("MaxRecords") or HISTORY_PAGE)
        token = str(end) if end < len(items) else None
        return ActionResult({"AlarmHistoryItems": items[start:end], "NextToken": token})


def _datapoint(period: Period, wanted: list[str]) -> dict[str, Any]:
    told: dict[str, Any] = {name: period.statistic(name) for name in wanted}
    extended = {name: told.pop(name) for name in list(told) if name not in STATISTICS}
    more = {"ExtendedStatistics": extended} if extended else {}
    return {"Timestamp": period.start, "Unit": period.unit, **told, **more}
