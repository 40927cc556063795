"""When a domain's DAG starts: by the clock, and by arrivals where a queue is set."""

from airflow.sdk import Asset, AssetOrTimeSchedule, AssetWatcher, CronDataIntervalTimetable
from airflow.sdk.bases.timetable import BaseTimetable

from orchestration.configuration import Configuration

ARRIVALS = "lakehouse-arrivals"


def schedule(cron: str, settings: Configuration) -> BaseTimetable:
    """The DAG's timetable.

    `CronDataIntervalTimetable` gives each run the interval since the one before, so that a backfill knows its
    dates; Airflow's own reading of a cron string does not. One DAG takes both clock and arrivals, so that
    `max_active_runs` keeps them from running at once.
    """
    clock = CronDataIntervalTimetable(cron, timezone="UTC")
    if not settings.arrivals_queue:
        return clock
    return AssetOrTimeSchedule(timetable=clock, assets=[_arrivals(settings)])


def _arrivals(settings: Configuration) -> Asset:
    # Imported only where used: it loads every provider.
    from airflow.providers.common.messaging.triggers.msg_queue import MessageQueueTrigger  # noqa: PLC0415

    trigger = MessageQueueTrigger(
        scheme="sqs",
        sqs_queue=settings.arrivals_queue,
        aws_conn_id=None,
        max_messages=10,
        waiter_delay=settings.arrivals_poll_interval,
    )
    return Asset(name=ARRIVALS, watchers=[AssetWatcher(name="s3-events", trigger=trigger)])
