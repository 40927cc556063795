"""The ARN of what a call concerns, where the call says it."""

from local_aws.faults.calls import Call

_SECRET_SUFFIX = "-000000"  # noqa: S105  # AWS appends six characters to the name, which policies match by `*`


_PATHS = {
    "sqs": "{}",
    "dynamodb": "table/{}",
    "logs": "log-group:{}:*",
    "secretsmanager": "secret:{}" + _SECRET_SUFFIX,
    "ssm": "parameter/{}",
    "kms": "key/{}",
    "events": "rule/{}",
}


def arn_of(call: Call, region: str, account_id: str) -> str | None:
    """ARN of the resource; None for calls that name none, or one of a kind not told here."""
    name = call.resource
    if not name or name.startswith("arn:"):
        return name or None
    pattern = _PATHS.get(call.service) or _pattern(call)
    path = pattern and pattern.format(name.lstrip("/") if call.service == "ssm" else name)
    return f"arn:aws:{call.service}:{region}:{account_id}:{path}" if path else None


def _pattern(call: Call) -> str | None:
    if call.service == "glue":
        if call.job_name:
            return "job/{}"
        return "table/{}" if "/" in call.resource else "database/{}"
    if call.service == "athena" and call.operation == "StartQueryExecution":
        return "workgroup/{}"
    return None
