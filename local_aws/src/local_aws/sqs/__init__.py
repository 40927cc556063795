"""Moto's SQS, whose queues keep their policy and their dead-letter queue, and report metrics."""

from local_aws.sqs.install import install

__all__ = ["install"]
