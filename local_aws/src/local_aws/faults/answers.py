"""Errors as each protocol of AWS writes them, so that the SDKs parse them and retry what they would retry."""

import json
import uuid
from dataclasses import dataclass
from http import HTTPStatus
from xml.sax.saxutils import escape

from local_aws.faults.calls import Call
from local_aws.faults.plan import Fault


@dataclass(frozen=True)
class Problem:
    """Code, status and text of an error."""

    code: str
    status: int
    message: str


@dataclass(frozen=True)
class Answer:
    """A whole HTTP answer."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes


_BY_PROTOCOL: dict[str, dict[Fault, Problem]] = {
    # https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
    "s3": {
        Fault.SLOW_DOWN: Problem("SlowDown", 503, "Please reduce your request rate."),
        Fault.THROTTLING: Problem("SlowDown", 503, "Please reduce your request rate."),
        Fault.INTERNAL_ERROR: Problem(
            "InternalError", 500, "We encountered an internal error. Please try again."
        ),
        Fault.EXPIRED_CREDENTIALS: Problem("ExpiredToken", 400, "The provided token has expired."),
    },
    # https://docs.aws.amazon.com/glue/latest/dg/CommonErrors.html, and the same page of other services
    "json": {
        Fault.THROTTLING: Problem("ThrottlingException", 400, "Rate exceeded"),
        Fault.INTERNAL_ERROR: Problem("InternalFailure", 500, "Internal failure"),
        Fault.EXPIRED_CREDENTIALS: Problem(
            "ExpiredTokenException", 400, "The security token included in the request is expired"
        ),
    },
    "query": {
        Fault.THROTTLING: Problem("Throttling", 400, "Rate exceeded"),
        Fault.INTERNAL_ERROR: Problem(
            "InternalFailure", 500, "The request processing has failed because of an unknown error."
        ),
        Fault.EXPIRED_CREDENTIALS: Problem(
            "ExpiredToken", 403, "The security token included in the request is expired"
        ),
    },
}
_BY_PROTOCOL["rest"] = _BY_PROTOCOL["json"]
_BY_SERVICE: dict[tuple[str, Fault], Problem] = {
    ("glue", Fault.INTERNAL_ERROR): Problem("InternalServiceException", 500, "Internal service failure"),
    ("athena", Fault.INTERNAL_ERROR): Problem("InternalServerException", 500, "Internal server error"),
    ("sqs", Fault.THROTTLING): Problem("RequestThrottled", 400, "The request was denied due to throttling."),
    ("ec2", Fault.THROTTLING): Problem("RequestLimitExceeded", 503, "Request limit exceeded."),
    ("dynamodb", Fault.THROTTLING): Problem("ThrottlingException", 400, "Rate of requests exceeds the limit"),
    ("dynamodb", Fault.INTERNAL_ERROR): Problem("InternalServerError", 500, "Internal server error"),
}


def problem_of(fault: Fault, call: Call) -> Problem | None:
    """The error with which the service words a fault; None for a fault that is no error answer."""
    if fault is Fault.CONCURRENT_RUNS_EXCEEDED:
        message = f"Concurrent runs exceeded for {call.job_name}"
        return Problem("ConcurrentRunsExceededException", 400, message)
    return _BY_SERVICE.get((call.service, fault)) or _BY_PROTOCOL[call.protocol].get(fault)


def answer(problem: Problem, call: Call, method: str) -> Answer:
    """Write an error in the protocol of a call; one to HEAD has no body."""
    request_id = str(uuid.uuid4())
    if call.protocol == "s3":
        body, kind, id_header = _s3(problem, call, request_id), "application/xml", "x-amz-request-id"
    elif call.protocol == "query":
        body, kind, id_header = _query(problem, request_id), "text/xml", "x-amzn-RequestId"
    else:
        text = json.dumps({"__type": problem.code, "message": problem.message})
        body, kind, id_header = text.encode(), "application/x-amz-json-1.1", "x-amzn-RequestId"
    headers = [
        ("Content-Type", kind),
        ("Content-Length", str(len(body))),
        (id_header, request_id),
    ]
    if call.protocol == "rest":
        headers.append(("x-amzn-ErrorType", problem.code))
    if method == "HEAD":
        body = b""
    return Answer(f"{problem.status} {HTTPStatus(problem.status).phrase}", headers, body)


def _s3(problem: Problem, call: Call, request_id: str) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{problem.code}</Code><Message>{escape(problem.message)}</Message>"
        f"<Resource>/{escape(call.resource)}</Resource><RequestId>{request_id}</RequestId>"
        f"<HostId>{request_id}</HostId></Error>"
    ).encode()


def _query(problem: Problem, request_id: str) -> bytes:
    kind = "Receiver" if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR else "Sender"
    return (
        f"<ErrorResponse><Error><Type>{kind}</Type><Code>{problem.code}</Code>"
        f"<Message>{escape(problem.message)}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>"
    ).encode()
