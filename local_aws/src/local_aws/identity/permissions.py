"""What IAM lets a caller do: the policies of users and their groups, of roles, and permissions boundaries."""

import json
from collections.abc import Iterator
from typing import Any

from moto.iam.models import iam_backends

from local_aws.identity.access import AccessRequest
from local_aws.identity.policy import Decision, decide_of_identity
from local_aws.identity.principal import Principal

ALWAYS_ALLOWED = {"sts:GetCallerIdentity"}


def may(request: AccessRequest, resource: str | None, by_resource: Decision = Decision.NEUTRAL) -> bool:
    """Whether the caller may do what the request says.

    Args:
        request: The request; a key that IAM and STS did not give out is the root, which may do all.
        resource: ARN of what it concerns; None if that is not known, so that only actions are compared.
        by_resource: What a policy of the resource says.
    """
    if by_resource is Decision.DENY:
        return False
    principal = request.principal
    if principal.kind == "Account" or request.action in ALWAYS_ALLOWED:
        return True
    if principal.kind == "Anonymous":
        return by_resource is Decision.ALLOW
    entity = _entity(principal)
    boundary = getattr(entity, "permissions_boundary", None)
    if (
        boundary
        and _decided([_managed(principal, boundary["PermissionsBoundaryArn"])], request, resource)
        is not Decision.ALLOW
    ):
        return False
    by_identity = _decided(_policies(principal, entity), request, resource)
    return by_identity is not Decision.DENY and Decision.ALLOW in (by_identity, by_resource)


def _decided(policies: Any, request: AccessRequest, resource: str | None) -> Decision:
    decisions = {decide_of_identity(policy, request.action, resource, request) for policy in policies}
    if Decision.DENY in decisions:
        return Decision.DENY
    return Decision.ALLOW if Decision.ALLOW in decisions else Decision.NEUTRAL


def _entity(principal: Principal) -> Any:
    backend = iam_backends[principal.account_id]["aws"]
    if principal.kind == "User":
        return backend.get_user(principal.name)
    return backend.get_role(principal.principal_arn.rpartition("/")[2])


def _policies(principal: Principal, entity: Any) -> Iterator[bytes]:
    yield from _own(entity)
    if principal.kind == "User":
        for group in iam_backends[principal.account_id]["aws"].get_groups_for_user(principal.name):
            yield from _own(group)


def _own(entity: Any) -> Iterator[bytes]:
    """Inline and managed policies of a user, a group or a role."""
    for inline in entity.policies.values():
        yield inline.encode() if isinstance(inline, str) else json.dumps(inline).encode()
    for managed in entity.managed_policies.values():
        yield _document(managed)


def _managed(principal: Principal, arn: str) -> bytes:
    return _document(iam_backends[principal.account_id]["aws"].get_policy(arn))


def _document(managed: Any) -> bytes:
    return next(str(version.document) for version in managed.versions if version.is_default_version).encode()
