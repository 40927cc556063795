"""Trino, the engine behind the emulated Athena: unpacked from its tarball, configured, started, watched."""

from local_aws.trino.process import TrinoProcess
from local_aws.trino.unpack import unpack

__all__ = ["TrinoProcess", "unpack"]
