"""What IAM makes of a bucket policy's Deny statements: just the operators that the lakehouse uses.

moto lets a Deny apply whatever its Condition says, so the tests put this in its place.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from fnmatch import fnmatchcase
from typing import Any
from unittest.mock import patch

from moto.iam.access_control import PermissionResult
from moto.s3.models import FakeBucket

CALLER = "arn:aws:sts::123456789012:user/moto"
"""Whom moto reports as the caller."""


def denied(policy: Mapping[str, Any], context: Mapping[str, str]) -> bool:
    """Whether a request with these condition keys is denied on every object of the bucket."""
    return any(
        all(
            _holds(operator, key, values, context)
            for operator, keys in statement["Condition"].items()
            for key, values in keys.items()
        )
        for statement in policy["Statement"]
        if statement["Effect"] == "Deny"
    )


def _holds(operator: str, key: str, values: str | list[str], context: Mapping[str, str]) -> bool:
    texts = [values] if isinstance(values, str) else values
    match operator:
        case "Bool":
            return context.get(key) in texts
        case "BoolIfExists":
            return key not in context or context[key] in texts
        case "ArnNotLike":
            return not any(_arn_like(context.get(key, ""), text) for text in texts)
    raise NotImplementedError(operator)


def _arn_like(arn: str, pattern: str) -> bool:
    parts, wanted = arn.split(":", 5), pattern.split(":", 5)
    return len(parts) == len(wanted) and all(map(fnmatchcase, parts, wanted))


@contextmanager
def conditions_evaluated(arn: str = CALLER, secure: str = "true") -> Iterator[None]:
    """Let moto deny what the policy denies to this principal."""

    def get_permission(bucket: Any, action: str, resource: str) -> object:
        context = {
            "aws:PrincipalArn": arn,
            "aws:SecureTransport": secure,
            "aws:PrincipalIsAWSService": "false",
        }
        refused = bucket.policy is not None and denied(json.loads(bucket.policy), context)
        return PermissionResult.DENIED if refused else PermissionResult.NEUTRAL

    with patch.object(FakeBucket, "get_permission", get_permission):
        yield
