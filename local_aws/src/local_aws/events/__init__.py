"""EventBridge whose rules reach queues, topics and log groups."""

from local_aws.events.install import install
from local_aws.events.service import put_event

__all__ = ["install", "put_event"]
