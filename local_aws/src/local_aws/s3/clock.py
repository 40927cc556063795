"""``POST /_local_aws/lifecycle``: carries out the lifecycle rules as of ``now``, a moment of any year."""

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from local_aws.s3 import lifecycle

PATH = "/_local_aws/lifecycle"
BYTES_MAX = 10_000

Application = Callable[..., Iterable[bytes]]


class WithLifecycle:
    """WSGI application that answers the path itself and hands on the rest."""

    def __init__(self, application: Application, account_id: str) -> None:
        self.application, self.account_id = application, account_id

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("PATH_INFO") != PATH:
            return self.application(environ, start_response)
        status, answer = self._answer(environ)
        body = json.dumps(answer).encode()
        start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]

    def _answer(self, environ: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        if environ["REQUEST_METHOD"] != "POST":
            return "405 Method Not Allowed", {"error": "use POST"}
        body = environ["wsgi.input"].read(min(int(environ.get("CONTENT_LENGTH") or 0), BYTES_MAX))
        try:
            now = datetime.fromisoformat(
                json.loads(body or b"{}").get("now") or datetime.now(UTC).isoformat()
            )
        except (ValueError, AttributeError, TypeError) as error:
            return "400 Bad Request", {"error": f'expected {{"now": "2026-01-31T00:00:00Z"}}: {error}'}
        moment = now if now.tzinfo else now.replace(tzinfo=UTC)
        removed = lifecycle.carry_out(self.account_id, moment)
        return "200 OK", {"now": moment.isoformat(), "removed": [asdict(removal) for removal in removed]}
