"""What a request asks of AWS: service, operation, resource, and who asks."""

import json
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs

from local_aws.faults import s3_operations
from local_aws.identity.principal import access_key_of

# Names of a service in signatures that differ from the one that everybody uses.
SIGNED_AS = {"monitoring": "cloudwatch", "eventbridge": "events", "states": "stepfunctions"}
# Parameters that name what a call is about, by service; joined by a slash, the first set that is there.
NAMED_BY: dict[str, tuple[tuple[str, ...], ...]] = {
    "glue": (("JobName",), ("DatabaseName", "TableName"), ("DatabaseName", "Name"), ("DatabaseName",)),
    "athena": (("WorkGroup",), ("QueryExecutionId",)),
    "sqs": (("QueueUrl",), ("QueueName",)),
    "sns": (("TopicArn",),),
    "sts": (("RoleArn",),),
    "logs": (("logGroupName",),),
    "dynamodb": (("TableName",),),
    "secretsmanager": (("SecretId",), ("Name",)),
    "ssm": (("Name",),),
    "kms": (("KeyId",),),
    "events": (("Rule",), ("Name",)),
}
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Call:
    """One request.

    Attributes:
        protocol: ``s3``, ``json``, ``query`` or ``rest``: how errors are written.
        access_key: Key that signed; None if nobody did.
        job_name: The Glue job that it names.
        run_id: The Glue run that it names.
    """

    service: str
    operation: str
    protocol: str
    resource: str = ""
    client: str = ""
    access_key: str | None = None
    job_name: str | None = None
    run_id: str | None = None


def call_of(environ: dict[str, Any]) -> Call:
    """Read a request; what was read of its body is put back."""
    path = environ.get("PATH_INFO", "").encode("latin-1").decode(errors="replace")
    query = {
        name: values[0]
        for name, values in parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True).items()
    }
    authorization = environ.get("HTTP_AUTHORIZATION")
    client = environ.get("HTTP_USER_AGENT", "")
    access_key = access_key_of(authorization, query)
    service = _service(authorization, query)
    if target := environ.get("HTTP_X_AMZ_TARGET"):
        parameters = _json(_body(environ))
        return _named(service, target.rpartition(".")[2], "json", parameters, client, access_key)
    if service == "s3":
        operation = s3_operations.name(environ["REQUEST_METHOD"], path, query, _header_names(environ))
        bucket, _, key = path.lstrip("/").partition("/")
        key = key or query.get("prefix", "")
        return Call(service, operation, "s3", f"{bucket}/{key}" if key else bucket, client, access_key)
    if environ.get("CONTENT_TYPE", "").startswith(FORM):
        form = parse_qs(_body(environ).decode(errors="replace"))
        query |= {name: values[0] for name, values in form.items()}
    if "Action" in query:
        return _named(service, query["Action"], "query", query, client, access_key)
    return Call(service, environ["REQUEST_METHOD"].title(), "rest", path[1:], client, access_key)


def _service(authorization: str | None, query: dict[str, str]) -> str:
    """Service of the credential's scope: ``key/date/region/service/aws4_request``; S3 where nothing is signed."""
    scope = query.get("X-Amz-Credential", "")
    if authorization and "Credential=" in authorization:
        scope = authorization.partition("Credential=")[2].split(",")[0]
    before, _, _ = scope.rpartition("/aws4_request")
    service = before.rpartition("/")[2].lower() or "s3"
    return SIGNED_AS.get(service, service)


def _header_names(environ: dict[str, Any]) -> set[str]:
    names = (name.removeprefix("HTTP_") for name in environ if name.startswith("HTTP_X_AMZ_"))
    return {name.replace("_", "-").lower() for name in names}


def _named(
    service: str,
    operation: str,
    protocol: str,
    parameters: dict[str, Any],
    client: str,
    access_key: str | None,
) -> Call:
    names = next((names for names in NAMED_BY.get(service, ()) if all(map(parameters.get, names))), ())
    resource = "/".join(str(parameters[name]) for name in names)
    if service == "sqs":
        resource = resource.rpartition("/")[2]
    if not resource and service == "athena" and operation == "StartQueryExecution":
        resource = "primary"
    is_run = service == "glue" and "JobName" in parameters
    return Call(
        service,
        operation,
        protocol,
        resource,
        client,
        access_key,
        job_name=str(parameters["JobName"]) if is_run else None,
        run_id=str(parameters["RunId"]) if is_run and parameters.get("RunId") else None,
    )


def _body(environ: dict[str, Any]) -> bytes:
    """The whole body, which the next reader finds again."""
    body: bytes = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = BytesIO(body)
    return body


def _json(body: bytes) -> dict[str, Any]:
    try:
        content = json.loads(body or b"{}")
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}
