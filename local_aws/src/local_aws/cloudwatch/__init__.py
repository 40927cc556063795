"""CloudWatch whose log lines become metrics and whose alarms fire."""

from local_aws.cloudwatch.install import install

__all__ = ["install"]
