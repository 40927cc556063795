"""When a domain's DAG starts: by the clock, and by arrivals where a queue is set."""

from airflow.sdk import Asset, AssetOrTimeSchedule, AssetWatcher, CronDataIntervalTimetable
from airflow.sdk.bases.timetable import BaseTimetable

from orchestration.configuration import Configuration

ARRIVALS = "lakehouse-arrivals"


def clock(cron: str) -> CronDataIntervalTimetable:
    """Runs by the clock, UTC, each for the interval since the one before, so that a backfill knows its dates.

    Airflow's own reading of a cron string gives no interval.
    """
    return CronDataIntervalTimetable(cron, timezone="UTC")


def schedule(cron: str, settings: Configuration) -> BaseTimetable:
    """The clock and, where a queue is set, arrivals.

    One DAG takes both, so that `max_active_runs` keeps them from running at once.
    """
    if not settings.arrivals_queue:
        return clock(cron)
    return AssetOrTimeSchedule(timetable=clock(cron), assets=[_arrivals(settings)])


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
