"""When runs start: by the clock, and by arrivals where a queue is set."""

from dataclasses import replace
from typing import Any, cast

from airflow.providers.common.messaging.triggers.msg_queue import MessageQueueTrigger
from airflow.sdk import AssetOrTimeSchedule, CronDataIntervalTimetable

from orchestration.configuration import Configuration, configuration
from orchestration.starting import ARRIVALS, schedule

QUEUE = "https://sqs.us-east-1.amazonaws.com/123456789012/lakehouse-arrivals"


def settings(queue: str) -> Configuration:
    return replace(configuration(), arrivals_queue=queue, arrivals_poll_interval=9)


def test_without_a_queue_only_the_clock_starts_runs() -> None:
    timetable = schedule("0 6 * * *", settings(""))
    assert isinstance(timetable, CronDataIntervalTimetable)
    assert (timetable.expression, str(timetable.timezone)) == ("0 6 * * *", "UTC")


def test_with_a_queue_arrivals_start_runs_as_well() -> None:
    timetable = schedule("0 6 * * *", settings(QUEUE))
    assert isinstance(timetable, AssetOrTimeSchedule)
    assert isinstance(timetable.timetable, CronDataIntervalTimetable)
    assert timetable.timetable.expression == "0 6 * * *"
    (asset,) = cast("Any", timetable.asset_condition).objects
    assert asset.name == ARRIVALS
    (watcher,) = asset.watchers
    trigger: Any = watcher.trigger
    assert isinstance(trigger, MessageQueueTrigger)
    assert (trigger.scheme, trigger.kwargs["sqs_queue"]) == ("sqs", QUEUE)
    assert trigger.kwargs["waiter_delay"] == 9
    assert trigger.kwargs["aws_conn_id"] is None


def test_the_triggerer_can_start_the_watchers_trigger() -> None:
    timetable: Any = schedule("0 6 * * *", settings(QUEUE))
    (asset,) = timetable.asset_condition.objects
    path, fields = asset.watchers[0].trigger.serialize()
    assert path.endswith("SqsSensorTrigger")
    assert fields["sqs_queue"] == QUEUE
    assert fields["max_messages"] == 10
