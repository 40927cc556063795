"""When a call of S3 is made again, and after how long: three times, after 1, 2 and 4 s and a random part of one more.

Every HTTP request has its own three, those for the parts of an upload included. botocore asks whoever is registered
for its event `needs-retry` (https://docs.aws.amazon.com/boto3/latest/guide/events.html), so that s3transfer needs no
telling; its own retries are turned off.
"""

import random
from collections.abc import Mapping
from typing import Any

from botocore.config import Config
from botocore.exceptions import (
    ClientError,
    ConnectionError,  # noqa: A004 - botocore's, for what never reached S3
    HTTPClientError,
    IncompleteReadError,
    ProxyConnectionError,
    SSLError,
)
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt

RETRIES = 3
FIRST_SECONDS = 1.0
JITTER_SECONDS = 1.0
NO_RETRIES_BY_BOTOCORE = Config(
    retries={"mode": "standard", "total_max_attempts": 1}, max_pool_connections=16, connect_timeout=10
)

_STATUSES = frozenset({429, 500, 502, 503, 504})
_CODES = frozenset(
    {
        "BandwidthLimitExceeded",
        "InternalError",
        "RequestLimitExceeded",
        "RequestTimeout",
        "RequestTimeoutException",
        "ServiceUnavailable",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
    }
)
_UNREACHED = (ConnectionError, HTTPClientError, IncompleteReadError)
_FINAL = (SSLError, ProxyConnectionError)


def delay_seconds(attempt: int) -> float:
    """How long to wait after so many attempts failed, 1 or more."""
    return FIRST_SECONDS * 2.0 ** (attempt - 1) + random.uniform(0, JITTER_SECONDS)  # noqa: S311


def is_retryable(error: BaseException) -> bool:
    """Whether the same call may succeed a moment later."""
    if isinstance(error, ClientError):
        return _is_retryable_answer(error.response)
    return isinstance(error, _UNREACHED) and not isinstance(error, _FINAL)


def retry_requests(client: Any) -> None:
    """Have every request of a boto3 client, made with NO_RETRIES_BY_BOTOCORE, retried."""
    client.meta.events.register("needs-retry", _needs_retry)


def retrying() -> Retrying:
    """Retries of more than one request, such as reading a body to its end."""

    def wait(state: RetryCallState) -> float:
        return delay_seconds(state.attempt_number)

    return Retrying(
        stop=stop_after_attempt(1 + RETRIES), wait=wait, retry=retry_if_exception(is_retryable), reraise=True
    )


def _needs_retry(
    attempts: int,
    response: tuple[Any, Mapping[str, Any]] | None,
    caught_exception: Exception | None,
    **_: Any,
) -> float | None:
    if attempts > RETRIES:
        return None
    if caught_exception is not None:
        again = is_retryable(caught_exception)
    else:
        again = response is not None and _is_retryable_answer(response[1])
    return delay_seconds(attempts) if again else None


def _is_retryable_answer(answer: Mapping[str, Any]) -> bool:
    status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return status in _STATUSES or answer.get("Error", {}).get("Code") in _CODES
