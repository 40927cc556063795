"""Copies between buckets, which no client asks for, go through the fault plane too."""

from local_aws.faults.calls import Call
from local_aws.faults.plan import Fault
from local_aws.faults.plane import FaultPlane

OPERATION = "ReplicateObject"
"""AWS's name of the permission; no operation of the API has it."""


def may_copy(plane: FaultPlane, bucket: str, name: str) -> bool:
    """Whether an object's copy may go now; a rule that delays it holds the caller, any other wants it tried again."""
    if not plane.rules:
        return True
    due = plane.decide(Call("s3", OPERATION, "s3", f"{bucket}/{name}", "S3 Replication"), None)
    if due is None:
        return True
    rule, _ = due
    if rule.fault is not Fault.DELAY:
        return False
    plane.hold(rule.seconds or 0)
    return True
