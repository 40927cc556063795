"""Who may reach the bucket and how: two Deny statements; any other statement is left alone."""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from lakehouse.storage.bucket.caller import Caller

HTTPS_ONLY = "LakehouseHttpsOnly"
NAMED_ROLES_ONLY = "LakehouseNamedRolesOnly"
VERSION = "2012-10-17"

Statement = dict[str, Any]


def policy(bucket: str, caller: Caller, roles: Sequence[str], existing: Mapping[str, Any]) -> dict[str, Any]:
    """The bucket's policy.

    Denies everything to everyone over plain HTTP, and to every principal but the named roles, the account's
    root user and the caller. What those may do, their own IAM policies say.

    Args:
        bucket: The bucket.
        caller: Who sets the policy, and so must keep access.
        roles: Role names (with their paths) of the caller's account, or role ARNs.
        existing: The policy that the bucket has; empty for none.
    """
    resources = [f"arn:{caller.partition}:s3:::{bucket}", f"arn:{caller.partition}:s3:::{bucket}/*"]
    ours = [
        _deny(HTTPS_ONLY, resources, {"Bool": {"aws:SecureTransport": "false"}}),
        _deny(NAMED_ROLES_ONLY, resources, _unless_named(caller, roles)),
    ]
    names = {HTTPS_ONLY, NAMED_ROLES_ONLY}
    others = [statement for statement in _statements(existing) if statement.get("Sid") not in names]
    return {"Version": VERSION, "Statement": [*ours, *others]}


def same_policy(left: Mapping[str, Any], right: Mapping[str, Any]) -> bool:
    """Whether two policies say the same; a list of one value is the value, and order has no meaning."""
    return bool(_normal(left) == _normal(right))


def _deny(sid: str, resources: Sequence[str], condition: Mapping[str, Any]) -> Statement:
    return {
        "Sid": sid,
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": list(resources),
        "Condition": dict(condition),
    }


def _unless_named(caller: Caller, roles: Sequence[str]) -> dict[str, Any]:
    named = [caller.role_arn(role) for role in roles]
    root = f"arn:{caller.partition}:iam::{caller.account}:root"
    own = caller.principal_arns()
    covered = any(fnmatchcase(arn, pattern) for arn in (*named, root) for pattern in own)
    # A condition on aws:PrincipalArn, not a Principal list: S3 refuses a list that names a role not yet made.
    allowed = [*named, root, *([] if covered else own)]
    return {
        "ArnNotLike": {"aws:PrincipalArn": sorted(set(allowed))},
        # Services that deliver into the bucket for the account, such as S3 inventory, have no PrincipalArn.
        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
    }


def _statements(existing: Mapping[str, Any]) -> list[Statement]:
    found = existing.get("Statement", [])
    return [found] if isinstance(found, dict) else list(found)


def _normal(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _normal(item) for key, item in value.items()}
    if isinstance(value, list):
        items = sorted((_normal(item) for item in value), key=repr)
        return items[0] if len(items) == 1 else items
    return value
