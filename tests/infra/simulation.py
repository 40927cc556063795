"""Whether a role may do something, by its own policies and the bucket's, as IAM decides within one account.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html: an explicit Deny of either
wins; else an Allow of either suffices; else it is denied. Conditions are those of the embedded AWS's S3.
"""

import json
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from local_aws.identity.access import AccessRequest, principal_keys
from local_aws.identity.policy import Decision, decide
from local_aws.identity.principal import Principal
from tests.infra.conftest import Applied

ACCOUNT = "123456789012"


@dataclass(frozen=True)
class Simulation:
    """All policies of an account, read once from it."""

    identity: dict[str, list[dict[str, Any]]]
    """Role → statements."""
    buckets: dict[str, dict[str, Any]]
    """Bucket → policy."""

    def allows(self, role: str, action: str, resource: str, **keys: str) -> bool:
        """Whether the role may; `keys` are condition keys with `__` for a colon, such as s3__prefix."""
        arn = f"arn:aws:iam::{ACCOUNT}:role/{role}"
        principal = Principal("AssumedRole", ACCOUNT, f"{arn}/session", arn, "AROA:session")
        given = {name.replace("__", ":"): [value] for name, value in keys.items()}
        context = {"aws:securetransport": ["true"], **principal_keys(principal), **given}
        request = AccessRequest(action, principal, context)
        own = [statement | {"Principal": "*"} for statement in self.identity[role]]
        decisions = [_decide({"Statement": own}, action, resource, request)]
        if resource.startswith("arn:aws:s3:::"):
            bucket = resource.removeprefix("arn:aws:s3:::").partition("/")[0]
            decisions += [_decide(self.buckets[bucket], action, resource, request)]
        return Decision.DENY not in decisions and Decision.ALLOW in decisions


def _decide(policy: dict[str, Any], action: str, resource: str, request: AccessRequest) -> Decision:
    return decide(json.dumps(policy).encode(), action, resource, request)


def simulation(applied: Applied) -> Simulation:
    """Read the account."""
    iam, s3 = applied.client("iam"), applied.client("s3")
    roles = [role["RoleName"] for role in iam.list_roles()["Roles"]]
    identity = {
        role: [
            statement
            for name in iam.list_role_policies(RoleName=role)["PolicyNames"]
            for statement in iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"][
                "Statement"
            ]
        ]
        for role in roles
    }
    names = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    return Simulation(identity, {name: _policy(s3, name) for name in names})


def _policy(s3: Any, bucket: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])
    except ClientError:
        return {"Statement": []}
    return found
