"""The caller of a request, as AWS names it in policies."""

import re
from dataclasses import dataclass

from moto.iam.models import iam_backends
from moto.sts.models import sts_backends

_CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/")


@dataclass(frozen=True)
class Principal:
    """A caller.

    Attributes:
        kind: ``aws:PrincipalType``: Account (the root), User, AssumedRole or Anonymous.
        account_id: Account of the caller; empty for an anonymous one.
        arn: What ``sts:GetCallerIdentity`` says.
        principal_arn: ``aws:PrincipalArn``; of an assumed role the role, not its session.
        user_id: ``aws:userid``.
        name: ``aws:username``, of users only.
    """

    kind: str
    account_id: str = ""
    arn: str = ""
    principal_arn: str = ""
    user_id: str = "anonymous"
    name: str | None = None


ANONYMOUS = Principal("Anonymous")


def root_of(account_id: str) -> Principal:
    """The owner of the account: whoever signs with a key that IAM and STS never gave out (``test``)."""
    arn = f"arn:aws:iam::{account_id}:root"
    return Principal("Account", account_id, arn, arn, account_id)


def principal_of(access_key_id: str | None, account_id: str) -> Principal:
    """Find the caller by the access key that signed (None: unsigned)."""
    if access_key_id is None:
        return ANONYMOUS
    role = sts_backends[account_id]["aws"].get_assumed_role_from_access_key(access_key_id)
    if role is not None:
        return Principal("AssumedRole", account_id, role.arn, role.role_arn, role.user_id)
    user = iam_backends[account_id]["aws"].get_user_from_access_key_id(access_key_id)
    if user is not None:
        return Principal("User", account_id, user.arn, user.arn, user.id, user.name)
    return root_of(account_id)


def access_key_of(authorization: str | None, query: dict[str, str]) -> str | None:
    """Access key id of a signed header or of a presigned URL; None if the request is not signed."""
    if authorization and (found := _CREDENTIAL.search(authorization)):
        return found[1]
    credential = query.get("X-Amz-Credential") or query.get("AWSAccessKeyId")
    return credential.split("/")[0] if credential else None
