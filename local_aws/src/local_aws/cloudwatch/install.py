"""Put our CloudWatch in the place of moto's."""

from collections.abc import Callable

from moto.cloudwatch import models
from moto.logs import models as logs_models

from local_aws.cloudwatch.alarm import WatchedAlarm
from local_aws.cloudwatch.backend import WatchingBackend
from local_aws.cloudwatch.log_stream import MeteredLogStream
from local_aws.cloudwatch.watcher import AlarmWatcher
from local_aws.config import Config


def install(config: Config, before: Callable[[], None]) -> AlarmWatcher:
    """Make moto build our log streams, alarms and backend; returns what evaluates the alarms.

    Args:
        config: Of the server.
        before: Called before each evaluation, to publish what alarms watch.
    """
    models.Alarm = WatchedAlarm
    models.cloudwatch_backends.backend = WatchingBackend
    logs_models.LogStream = MeteredLogStream
    return AlarmWatcher(config.alarm_seconds, before)
