"""CloudWatch Logs whose groups can be queried with a part of Logs Insights' language."""

from local_aws.logs.install import install

__all__ = ["install"]
