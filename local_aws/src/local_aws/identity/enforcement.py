"""The application in front of all services that lets a caller do only what IAM lets it do.

S3 judges for itself, with the policies of its buckets.
"""

from collections.abc import Callable, Iterable
from typing import Any

from local_aws.faults import answers
from local_aws.faults.calls import Call, call_of
from local_aws.identity import key_policies, permissions
from local_aws.identity.access import AccessRequest, principal_keys
from local_aws.identity.principal import principal_of
from local_aws.identity.resources import arn_of

Application = Callable[..., Iterable[bytes]]

_JSON_STATUS, _OTHER_STATUS = 400, 403
_OWN_PATHS = ("/_local_aws/", "/moto-api/")


class WithPermissions:
    """WSGI application that refuses what no policy allows and hands on the rest."""

    def __init__(self, application: Application, region: str, account_id: str) -> None:
        self.application, self.region, self.account_id = application, region, account_id

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("PATH_INFO", "").startswith(_OWN_PATHS):
            return self.application(environ, start_response)
        call = call_of(environ)
        if call.service == "s3":
            return self.application(environ, start_response)
        principal = principal_of(call.access_key, self.account_id)
        keys = {**principal_keys(principal), "aws:requestedregion": [self.region]}
        request = AccessRequest(f"{call.service}:{call.operation}", principal, keys)
        refused = self._refusal(call, request)
        if refused is None:
            return self.application(environ, start_response)
        answer = answers.answer(_problem(call, refused), call, environ["REQUEST_METHOD"])
        start_response(answer.status, answer.headers)
        return [answer.body]

    def _refusal(self, call: Call, request: AccessRequest) -> str | None:
        """Why the caller may not do it; None if it may."""
        if call.service == "kms" and call.resource:
            key = key_policies.key_named(call.resource, self.account_id, self.region)
            if key is not None:
                return key_policies.refusal(request, key)
        resource = arn_of(call, self.region, self.account_id)
        if permissions.may(request, resource):
            return None
        concerned = f" on resource: {resource}" if resource else ""
        return (
            f"User: {request.principal.arn or 'anonymous'} is not authorized to perform: {request.action}{concerned} "
            f"because no identity-based policy allows the {request.action} action"
        )


def _problem(call: Call, message: str) -> answers.Problem:
    if call.protocol == "json":
        return answers.Problem("AccessDeniedException", _JSON_STATUS, message)
    return answers.Problem("AccessDenied", _OTHER_STATUS, message)
