"""What happened to alarms: the items of DescribeAlarmHistory."""

import json
from datetime import datetime
from typing import Any

from moto.core.utils import utcnow

from local_aws.cloudwatch.alarm import WatchedAlarm, text_of

Item = dict[str, Any]
KEPT_ITEMS = 10_000


class History:
    """Items of all alarms, also of deleted ones, the oldest first."""

    def __init__(self) -> None:
        self._items: list[Item] = []

    def configured(self, alarm: WatchedAlarm, what: str) -> None:
        """Note that an alarm was ``created``, ``updated`` or ``deleted``."""
        data = {"version": "1.0", "type": {"created": "Create", "updated": "Update"}.get(what, "Delete")}
        self._add(alarm, "ConfigurationUpdate", f'Alarm "{alarm.name}" {what}', data)

    def changed(self, alarm: WatchedAlarm, old: Item) -> None:
        """Note a change of state; ``old`` is what :func:`state_of` said before."""
        new = state_of(alarm)
        summary = f"Alarm updated from {old['stateValue']} to {new['stateValue']}"
        self._add(alarm, "StateUpdate", summary, {"version": "1.0", "oldState": old, "newState": new})

    def acted(self, alarm: WatchedAlarm, arn: str, problem: str | None) -> None:
        """Note an action, and what hindered it."""
        data = {
            "actionState": "Failed" if problem else "Succeeded",
            "stateUpdateTimestamp": text_of(alarm.state_updated_timestamp),
            "notificationResource": arn,
            **({"error": problem} if problem else {}),
        }
        did = "Failed to execute" if problem else "Successfully executed"
        self._add(alarm, "Action", f"{did} action {arn}", data)

    def _add(self, alarm: WatchedAlarm, kind: str, summary: str, data: Item) -> None:
        self._items.append(
            {
                "AlarmName": alarm.name,
                "AlarmType": "CompositeAlarm" if alarm.rule else "MetricAlarm",
                "Timestamp": utcnow(),
                "HistoryItemType": kind,
                "HistorySummary": summary,
                "HistoryData": json.dumps(data, separators=(",", ":")),
            }
        )
        del self._items[:-KEPT_ITEMS]

    def items(
        self,
        name: str | None = None,
        kind: str | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
        *,
        oldest_first: bool = False,
    ) -> list[Item]:
        """Items of an alarm, a kind, a time; the latest first unless told otherwise."""
        found = [
            item
            for item in self._items
            if name in {None, item["AlarmName"]}
            and kind in {None, item["HistoryItemType"]}
            and (start is None or item["Timestamp"] >= start)
            and (end is None or item["Timestamp"] <= end)
        ]
        return found if oldest_first else found[::-1]


def state_of(alarm: WatchedAlarm) -> Item:
    """State and reason of an alarm."""
    data = {"stateReasonData": json.loads(alarm.state_reason_data)} if alarm.state_reason_data else {}
    return {"stateValue": alarm.state_value, "stateReason": alarm.state_reason, **data}
