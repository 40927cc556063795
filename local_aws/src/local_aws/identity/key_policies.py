"""Who may use a key of KMS: its own policy comes first, and says whether policies of IAM count.

https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html
"""

from dataclasses import replace
from typing import Any

from local_aws.identity import permissions
from local_aws.identity.access import AccessRequest
from local_aws.identity.policy import Decision, decide

_NAME = 5  # of an ARN's parts


def key_named(name: str, account_id: str, region: str) -> Any:
    """A key by id, alias or ARN, as moto keeps it; None if the region has none of that name."""
    from moto.kms.models import kms_backends  # noqa: PLC0415 - takes a third of a second, which only users wait for

    name = name.split(":", _NAME)[_NAME] if name.startswith("arn:") else name
    backend = kms_backends[account_id][region]
    is_alias = name.startswith("alias/")
    return backend.keys.get(backend.get_key_id_from_alias(name) if is_alias else name.removeprefix("key/"))


def refusal(request: AccessRequest, key: Any) -> str | None:
    """Say why the caller may not use a key; None if it may.

    Args:
        request: With the action of KMS; the root of the account may do all.
        key: As moto keeps it.
    """
    if request.principal.kind == "Account":
        return None
    keys = {"kms:calleraccount": [request.principal.account_id]}
    request = replace(request, keys=request.keys | keys)
    by_key = decide(key.policy.encode(), request.action, key.arn, request)
    who = request.principal.arn or "anonymous"
    refused = f"User: {who} is not authorized to perform: {request.action} on resource: {key.arn}"
    if by_key is Decision.DENY:
        return f"{refused} with an explicit deny in a resource-based policy"
    if by_key is Decision.NEUTRAL:
        return f"{refused} because no resource-based policy allows the {request.action} action"
    if not permissions.may(request, key.arn, by_key):
        return f"{refused} because no identity-based policy allows the {request.action} action"
    return None
