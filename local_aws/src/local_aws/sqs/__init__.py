"""Moto's SQS, whose queues keep their policy and their dead-letter queue."""

from local_aws.sqs.queue import install

__all__ = ["install"]
