"""moto's CloudWatch with metrics told apart by all their dimensions, and alarms that are evaluated."""

import logging
import threading
from datetime import UTC, datetime
from typing import Any

from moto.cloudwatch import models
from moto.cloudwatch.exceptions import InvalidParameterValue, ValidationError
from moto.cloudwatch.metric_data_expression_parser import parse_expression
from moto.core.utils import utcnow
from moto.sns.models import sns_backends

from local_aws.cloudwatch import event, notification
from local_aws.cloudwatch.alarm import WatchedAlarm
from local_aws.cloudwatch.history import History, state_of
from local_aws.cloudwatch.series import Period, Series, periods
from local_aws.events import put_event

LOG = logging.getLogger(__name__)


class WatchingBackend(models.CloudWatchBackend):  # type: ignore[misc]
    """CloudWatch of one account and region."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.history = History()
        self._changing = threading.Lock()

    @property
    def _url_module(self) -> Any:
        from local_aws.cloudwatch import urls  # noqa: PLC0415 - urls imports the responses, which import this module

        return urls

    # -- metrics

    def put_metric_data(self, namespace: str, metric_data: list[dict[str, Any]]) -> None:
        timed = [{**entry, "Timestamp": _naive(entry.get("Timestamp"))} for entry in metric_data]
        super().put_metric_data(namespace, timed)

    def get_filtered_metrics(
        self, metric_name: str, namespace: str, dimensions: list[dict[str, str]]
    ) -> list[models.MetricDatumBase]:
        found: dict[Series, models.MetricDatumBase] = {}
        for datum in self.get_all_metrics():
            if datum.filter(namespace=namespace, name=metric_name, dimensions=dimensions):
                found.setdefault(Series.of_datum(datum), datum)
        return list(found.values())

    def get_metric_statistics(
        self,
        namespace: str,
        metric_name: str,
        start_time: datetime,
        end_time: datetime,
        period: int,
        stats: list[str],  # noqa: ARG002 - the response picks them
        dimensions: list[dict[str, str]],
        unit: str | None = None,
    ) -> list[Period]:
        """Periods with data of the metric that has exactly these dimensions."""
        if start_time >= end_time:
            raise InvalidParameterValue("The parameter StartTime must be less than the parameter EndTime.")
        series = Series.of(namespace, metric_name, dimensions, unit)
        return periods(list(self.metric_data), series, _naive(start_time), _naive(end_time), period)

    def get_metric_data(
        self,
        queries: list[dict[str, Any]],
        start_time: datetime,
        end_time: datetime,
        scan_by: str = "TimestampAscending",
    ) -> list[dict[str, Any]]:
        own = [query for query in queries if "MetricStat" in query]
        math = [q for q in queries if not q.get("Expression", "SELECT").startswith("SELECT")]
        others = [query for query in queries if query not in own and query not in math]
        answers: list[dict[str, Any]] = super().get_metric_data(others, start_time, end_time, scan_by)
        found = {query["Id"]: self._values(query, start_time, end_time, scan_by) for query in own}
        answers += [found[query["Id"]] for query in own if query.get("ReturnData", True)]
        for query in math:
            values, times = parse_expression(query["Expression"], list(found.values()))
            answers.append(_answer(query, query.get("Label") or query["Id"], values, times))
        return answers

    def _values(self, query: dict[str, Any], start: datetime, end: datetime, scan_by: str) -> dict[str, Any]:
        wanted = query["MetricStat"]
        metric = wanted["Metric"]
        series = Series.of(
            metric["Namespace"], metric["MetricName"], metric.get("Dimensions", []), wanted.get("Unit")
        )
        found = periods(list(self.metric_data), series, _naive(start), _naive(end), int(wanted["Period"]))
        told = [(p.start, p.statistic(wanted["Stat"])) for p in found]
        told = [item for item in told if item[1] is not None][
            :: -1 if scan_by == "TimestampDescending" else 1
        ]
        label = query.get("Label") or f"{metric['MetricName']} {wanted['Stat']}"
        return _answer(query, label, [value for _, value in told], [at for at, _ in told])

    # -- alarms

    def put_metric_alarm(self, name: str, *options: Any, **named: Any) -> WatchedAlarm:
        """Create an alarm, or replace one's definition, which keeps its state."""
        _check(named)
        with self._changing:
            before = self.alarms.get(name)
            alarm: WatchedAlarm = super().put_metric_alarm(name, *options, **named)
            if before is not None:
                alarm.take_over(before)
            self.history.configured(alarm, "updated" if before else "created")
        return alarm

    def delete_alarms(self, alarm_names: list[str]) -> None:
        with self._changing:
            for name in alarm_names:
                if name in self.alarms:
                    self.history.configured(self.alarms[name], "deleted")
            super().delete_alarms(alarm_names)

    def set_alarm_state(
        self, alarm_name: str, reason: str, reason_data: str | None, state_value: str
    ) -> None:
        alarm = self.alarms.get(alarm_name)
        old = state_of(alarm) if alarm else {}
        super().set_alarm_state(alarm_name, reason, reason_data, state_value)
        if old["stateValue"] != state_value:
            self._tell(self.alarms[alarm_name], old)

    def evaluate_alarms(self) -> None:
        """Evaluate each alarm once; those that change their state act."""
        now = utcnow()
        for alarm in [alarm for alarm in list(self.alarms.values()) if alarm.watched]:
            found = alarm.evaluated(list(self.metric_data), now)
            if found is None or found[0] == alarm.state_value:
                continue
            with self._changing:
                if self.alarms.get(alarm.name) is not alarm:
                    continue
                old = state_of(alarm)
                state, reason, data = found
                alarm.update_state(reason, data, state)
            self._tell(alarm, old)

    def _tell(self, alarm: WatchedAlarm, old: dict[str, Any]) -> None:
        self.history.changed(alarm, old)
        put_event(
            self.account_id,
            self.region_name,
            "aws.cloudwatch",
            "CloudWatch Alarm State Change",
            event.detail(alarm, old),
            [alarm.alarm_arn],
        )
        if not alarm.actions_enabled:
            return
        for arn in alarm.actions:
            self.history.acted(alarm, arn, self._act(alarm, arn, old["stateValue"]))

    def _act(self, alarm: WatchedAlarm, arn: str, old_state: str) -> str | None:
        """Execute an action; returns what hindered it."""
        _, _, service, region, account, *_ = [*arn.split(":"), "", "", "", "", ""]
        if service != "sns":
            return f"Actions of {service or arn} are not executed here"
        topics = sns_backends[account or self.account_id][region or self.region_name]
        try:
            topics.publish(
                notification.message(alarm, old_state), arn=arn, subject=notification.subject(alarm)
            )
        except Exception as error:
            LOG.exception("Alarm %s could not notify %s", alarm.name, arn)
            return str(error)
        return None


def _check(definition: dict[str, Any]) -> None:
    period = definition.get("period")
    if period is not None and period not in {10, 20, 30} and (period < 1 or period % 60):
        raise ValidationError(f"Invalid period {period}: it must be 10, 20, 30 or a multiple of 60")
    periods_, least = definition.get("evaluation_periods"), definition.get("datapoints_to_alarm")
    if periods_ and least and least > periods_:
        raise ValidationError("DatapointsToAlarm must be less than or equal to EvaluationPeriods")


def _naive(moment: datetime | None) -> datetime:
    """UTC without saying so, as moto keeps times; now if there is none."""
    if moment is None:
        return utcnow()  # type: ignore[no-any-return]
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _answer(query: dict[str, Any], label: str, values: list[Any], times: list[Any]) -> dict[str, Any]:
    return {
        "id": query["Id"],
        "label": label,
        "values": values,
        "timestamps": times,
        "status_code": "Complete",
    }
