"""S3 whose objects live in files, whose conditional writes are atomic and whose bucket policies hold."""

from local_aws.s3.install import install

__all__ = ["install"]
