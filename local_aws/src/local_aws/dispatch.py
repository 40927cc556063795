"""moto's choice of the service for a request, remembered: it reads a folder each time it chooses."""

import importlib
from functools import lru_cache
from typing import Any

from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)

_ON_DEMAND = {
    "cloudformation": "local_aws.cloudformation",
    "ec2": "local_aws.compute.security_groups",
    "ecs": "local_aws.compute.ecs",
    "awslambda": "local_aws.compute.functions",
}
"""Service → the module that extends it. To load these takes seconds, so only who uses them waits."""


class Dispatcher(DomainDispatcherApplication):  # type: ignore[misc]
    """Hands a request to the application of its service."""

    def __init__(self) -> None:
        super().__init__(_application)
        self._backend_of = lru_cache(maxsize=256)(super().get_backend_for_host)

    def get_backend_for_host(self, host: str | None) -> Any:
        return self._backend_of(host)


def _application(service: str) -> Any:
    """The application of a service, made at its first request: then our part of it takes moto's place."""
    if service in _ON_DEMAND:
        importlib.import_module(_ON_DEMAND[service]).install()
    return create_backend_app(service)


def dispatcher() -> Dispatcher:
    """The WSGI application of all services."""
    return Dispatcher()


__all__ = ["MotoRequestHandler", "dispatcher"]
