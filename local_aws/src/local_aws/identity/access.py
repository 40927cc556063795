"""A request as policies see it, and the one that the present thread serves."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from local_aws.identity.principal import Principal

_CURRENT: ContextVar["AccessRequest | None"] = ContextVar("access_request", default=None)


@dataclass(frozen=True)
class AccessRequest:
    """What a principal asks for.

    Attributes:
        action: IAM action, as ``s3:GetObject``.
        principal: The caller.
        keys: Values of condition keys, by lower-case name.
    """

    action: str
    principal: Principal
    keys: dict[str, list[str]] = field(default_factory=dict)

    def values(self, key: str) -> list[str] | None:
        """Values of a condition key; None if the request does not carry it."""
        return self.keys.get(key.lower())


def current_request() -> AccessRequest | None:
    """The request that this thread serves; None for calls from inside the process."""
    return _CURRENT.get()


@contextmanager
def serving(request: AccessRequest) -> Iterator[None]:
    """Make ``request`` the current one of this thread."""
    token = _CURRENT.set(request)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def principal_keys(principal: Principal) -> dict[str, list[str]]:
    """Condition keys that follow from the caller alone."""
    keys = {"aws:principaltype": [principal.kind], "aws:userid": [principal.user_id]}
    if principal.account_id:
        keys["aws:principalarn"] = [principal.principal_arn]
        keys["aws:principalaccount"] = [principal.account_id]
        keys["aws:principalisawsservice"] = ["false"]
    if principal.name:
        keys["aws:username"] = [principal.name]
    return keys
