"""Metrics of queues, published once a minute.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
"""

import logging
import time
from typing import Any

from moto.cloudwatch.models import cloudwatch_backends
from moto.sqs.models import sqs_backends

from local_aws.sqs.queue import LastingQueue

LOG = logging.getLogger(__name__)
NAMESPACE = "AWS/SQS"
POISONED_RECEIVES = 3
"""A message of a standard queue that was received as often no longer counts for the age."""


class QueueSampler:
    """Publishes the metrics of all queues, of every account and region.

    Args:
        seconds: Between two samples.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._last: int | None = None

    def tick(self) -> None:
        """Sample if the next interval has begun."""
        now = time.time()
        interval = int(now // self.seconds)
        if interval == self._last:
            return
        self._last = interval
        for account, region, backend in list(sqs_backends.iter_backends()):
            for queue in list(backend.queues.values()):
                try:
                    cloudwatch_backends[account][region].put_metric_data(NAMESPACE, sample(queue, now))
                except Exception:  # one queue that cannot be told must not silence the others
                    LOG.exception("Metrics of the queue %s could not be published", queue.name)


def sample(queue: LastingQueue, now: float) -> list[dict[str, Any]]:
    """What a queue reports as of ``now`` (epoch seconds), in the form of PutMetricData."""
    found = [("ApproximateNumberOfMessagesVisible", len(queue.messages), "Count")]
    if in_flight := queue.approximate_number_of_messages_not_visible:
        found.append(("ApproximateNumberOfMessagesNotVisible", in_flight, "Count"))
    if (age := _age_of_oldest(queue, now)) is not None:
        found.append(("ApproximateAgeOfOldestMessage", age, "Seconds"))
    dimensions = [{"Name": "QueueName", "Value": queue.name}]
    return [
        {"MetricName": name, "Value": value, "Unit": unit, "Dimensions": dimensions}
        for name, value, unit in found
    ]


def _age_of_oldest(queue: LastingQueue, now: float) -> int | None:
    """Whole seconds; None of a queue without a message that counts."""
    counted = [
        message.entered_at
        for message in list(queue._messages)
        if queue.fifo_queue or message.approximate_receive_count < POISONED_RECEIVES
    ]
    return max(0, int(now - min(counted))) if counted else None
