"""Put our queues in the place of moto's."""

from moto.sqs import models

from local_aws.config import Config
from local_aws.sqs.metrics import QueueSampler
from local_aws.sqs.queue import LastingQueue


def install(config: Config) -> QueueSampler:
    """Make moto build our queues, before the first request; returns what publishes their metrics."""
    models.Queue = LastingQueue
    return QueueSampler(config.queue_metric_seconds)
