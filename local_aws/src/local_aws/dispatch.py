"""moto's choice of the service for a request, remembered: it reads a folder each time it chooses."""

from functools import lru_cache
from typing import Any

from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)


class Dispatcher(DomainDispatcherApplication):  # type: ignore[misc]
    """Hands a request to the application of its service."""

    def __init__(self) -> None:
        super().__init__(create_backend_app)
        self._backend_of = lru_cache(maxsize=256)(super().get_backend_for_host)

    def get_backend_for_host(self, host: str | None) -> Any:
        return self._backend_of(host)


def dispatcher() -> Dispatcher:
    """The WSGI application of all services."""
    return Dispatcher()


__all__ = ["MotoRequestHandler", "dispatcher"]
