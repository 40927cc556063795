"""Regions that are lost: what is signed for one, or is about a bucket in one, gets no answer."""

import re
from collections.abc import Callable, Collection, Iterable
from typing import Any

from moto.s3.models import s3_backends

from local_aws.faults import connection

_OWN_PATHS = ("/_local_aws/", "/moto-api/")
_SCOPE = re.compile(r"Credential=[^/]+/\d{8}/([^/]+)/([^/]+)/aws4_request")
Application = Callable[..., Iterable[bytes]]


class WithLostRegions:
    """WSGI application that resets the connections of lost regions and hands on the rest."""

    def __init__(self, application: Application, lost: Collection[str]) -> None:
        self.application, self.lost = application, frozenset(lost)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if self.lost and not path.startswith(_OWN_PATHS) and _regions(environ, path) & self.lost:
            raise connection.reset(environ)
        return self.application(environ, start_response)


def region_of_bucket(name: str) -> str | None:
    """Where a bucket is; None if there is none of this name."""
    found = (backend.buckets.get(name) for _, _, backend in list(s3_backends.iter_backends()))
    return next((bucket.region_name for bucket in found if bucket), None)


def _regions(environ: dict[str, Any], path: str) -> set[str | None]:
    scope = _SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
    region, service = scope.groups() if scope else (None, "s3")
    return {region, region_of_bucket(path.lstrip("/").partition("/")[0]) if service == "s3" else None}
