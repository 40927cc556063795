"""Glue whose jobs run on Spark and whose catalog entries Trino can read."""

from local_aws.glue.install import install

__all__ = ["install"]
