"""Copies of new objects in the buckets that replication rules name, in this region or another."""

from local_aws.s3.replication.replicator import Replicator

__all__ = ["Replicator"]
