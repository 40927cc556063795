"""Evaluation of policies: an explicit Deny wins, then an Allow, else the policy says nothing."""

import json
from collections.abc import Iterable
from enum import Enum
from functools import lru_cache
from typing import Any

from local_aws.identity.access import AccessRequest
from local_aws.identity.conditions import all_met, as_list, known_operator, like, with_variables
from local_aws.identity.principal import Principal

_KEYS = {
    *("Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction"),
    *("Resource", "NotResource", "Condition"),
}


class Decision(Enum):
    """What a policy says about a request; ``DELEGATED``: it allows it to the account, whose own policies decide."""

    ALLOW = "allow"
    DELEGATED = "delegated"
    DENY = "deny"
    NEUTRAL = "neutral"


class MalformedPolicyError(ValueError):
    """A policy that AWS would refuse; the message says which element and why."""


@lru_cache(maxsize=64)
def statements(policy: bytes) -> tuple[dict[str, Any], ...]:
    """Parse and check a policy document.

    Raises:
        MalformedPolicyError: It is no JSON, or has an element, effect or operator that IAM does not know.
    """
    try:
        document = json.loads(policy)
        found = document["Statement"]
    except (ValueError, KeyError, TypeError) as error:
        raise MalformedPolicyError("Policies must be valid JSON with a Statement element") from error
    result = tuple(found if isinstance(found, list) else [found])
    for statement in result:
        _check(statement)
        if ("Principal" in statement) == ("NotPrincipal" in statement):
            raise MalformedPolicyError("Each policy statement must have either Principal or NotPrincipal")
    return result


@lru_cache(maxsize=256)
def _statements_of_identity(policy: bytes) -> tuple[dict[str, Any], ...]:
    found = json.loads(policy)["Statement"]
    return tuple(found if isinstance(found, list) else [found])


def _check(statement: dict[str, Any]) -> None:
    if unknown := set(statement) - _KEYS:
        raise MalformedPolicyError(f"Policy has an unknown element: {', '.join(sorted(unknown))}")
    if statement.get("Effect") not in {"Allow", "Deny"}:
        raise MalformedPolicyError("Invalid effect in policy: it must be Allow or Deny")
    for one, other in (("Action", "NotAction"), ("Resource", "NotResource")):
        if (one in statement) == (other in statement):
            raise MalformedPolicyError(f"Each policy statement must have either {one} or {other}")
    for operator in statement.get("Condition", {}):
        if not known_operator(operator):
            raise MalformedPolicyError(f"Invalid Condition type : {operator}")


def decide(policy: bytes, action: str, resource: str, request: AccessRequest) -> Decision:
    """Say what a resource policy decides on an action by the request's principal."""
    concerned = [
        statement
        for statement in statements(policy)
        if _concerns_principal(statement, request.principal)
        and _applies(statement, action, resource, request)
    ]
    decision = _decision(statement["Effect"] for statement in concerned)
    is_delegated = decision is Decision.ALLOW and all(
        _names_account_alone(statement, request.principal) for statement in concerned
    )
    return Decision.DELEGATED if is_delegated else decision


def decide_of_identity(policy: bytes, action: str, resource: str | None, request: AccessRequest) -> Decision:
    """Say what a policy of the caller's own decides.

    Args:
        policy: The document, without principals.
        action: IAM action.
        resource: ARN; None if it is not known, which any resource of an Allow meets, of a Deny only ``*``.
        request: The request.
    """
    return _decision(
        statement["Effect"]
        for statement in _statements_of_identity(policy)
        if _applies(statement, action, resource, request)
    )


def _decision(effects: Iterable[str]) -> Decision:
    found = set(effects)
    if "Deny" in found:
        return Decision.DENY
    return Decision.ALLOW if "Allow" in found else Decision.NEUTRAL


def allows_service(policy: bytes, service: str, action: str, resource: str) -> bool:
    """Say whether a resource policy allows an action to a service of AWS, such as ``logging.s3.amazonaws.com``.

    Conditions are taken as met: they tell one account's use of the service from another's.
    """
    return any(
        statement["Effect"] == "Allow"
        and service in _services(statement)
        and _concerns_action(statement, action)
        and any(like(resource, pattern) for pattern in as_list(statement.get("Resource", [])))
        for statement in statements(policy)
    )


def _services(statement: dict[str, Any]) -> list[str]:
    listed = statement.get("Principal")
    return as_list(listed.get("Service", [])) if isinstance(listed, dict) else []


def _applies(statement: dict[str, Any], action: str, resource: str | None, request: AccessRequest) -> bool:
    return (
        _concerns_action(statement, action)
        and _concerns_resource(statement, resource, request)
        and all_met(statement.get("Condition", {}), request)
    )


def _concerns_action(statement: dict[str, Any], action: str) -> bool:
    listed = as_list(statement.get("Action", statement.get("NotAction")))
    hit = any(like(action.lower(), pattern.lower()) for pattern in listed)
    return hit == ("Action" in statement)


def _concerns_resource(statement: dict[str, Any], resource: str | None, request: AccessRequest) -> bool:
    listed = as_list(statement.get("Resource", statement.get("NotResource")))
    if resource is None:
        return statement["Effect"] == "Allow" or listed == ["*"]
    patterns = [with_variables(text, request) for text in listed]
    hit = any(pattern is not None and like(resource, pattern) for pattern in patterns)
    return hit == ("Resource" in statement)


def _concerns_principal(statement: dict[str, Any], principal: Principal) -> bool:
    listed = statement.get("Principal", statement.get("NotPrincipal"))
    return _names(listed, principal) == ("Principal" in statement)


def _names_account_alone(statement: dict[str, Any], principal: Principal) -> bool:
    """Whether a statement means the caller only as one of its account: then policies of IAM have to allow it too."""
    listed = statement.get("Principal")
    if principal.kind == "Account" or not isinstance(listed, dict):
        return False
    return not {"*", principal.arn, principal.principal_arn} & set(as_list(listed.get("AWS", [])))


def _names(listed: Any, principal: Principal) -> bool:
    if listed == "*":
        return True
    names = as_list(listed.get("AWS", [])) if isinstance(listed, dict) else []
    account = principal.account_id
    of_account = {account, f"arn:aws:iam::{account}:root"} if account else set()
    own = of_account | {principal.arn, principal.principal_arn} - {""}
    return any(name == "*" or name in own for name in names)
