"""What survives a restart."""

from local_aws.state.snapshot import Snapshots

__all__ = ["Snapshots"]
