"""``/_local_aws/health``: whether each part answers."""

import json
from collections.abc import Callable, Iterable
from typing import Any

PATH = "/_local_aws/health"


class WithHealth:
    """WSGI application that answers the health path itself and hands on the rest.

    The answer is ``{"ready": bool, "services": {"s3": {"state": …}, …}}``, with status 200 if every part is
    ready or disabled, else 503.
    """

    def __init__(
        self, application: Callable[..., Iterable[bytes]], health: Callable[[], dict[str, dict[str, str]]]
    ) -> None:
        self.application, self.health = application, health

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("PATH_INFO") != PATH:
            return self.application(environ, start_response)
        services = self.health()
        ready = all(service["state"] in {"ready", "disabled"} for service in services.values())
        body = json.dumps({"ready": ready, "services": services}).encode()
        head = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        start_response("200 OK" if ready else "503 Service Unavailable", head)
        return [body]
