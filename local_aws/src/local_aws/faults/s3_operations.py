"""The name of an S3 operation, from the model that AWS publishes with its SDK for Python."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

import botocore.session


@dataclass(frozen=True)
class Shape:
    """What a request must have to be an operation.

    Attributes:
        depth: 0 for the service, 1 for a bucket, 2 for an object.
        query: Parameters, with their values where these are fixed.
        headers: Names in lower case.
    """

    operation: str
    method: str
    depth: int
    query: tuple[tuple[str, str], ...]
    headers: frozenset[str]

    def fits(self, query: Mapping[str, str], headers: Collection[str]) -> bool:
        present = all(name in query and value in {"", query[name]} for name, value in self.query)
        return present and self.headers <= set(headers)

    @property
    def weight(self) -> int:
        return len(self.query) + len(self.headers)


def name(method: str, path: str, query: Mapping[str, str], headers: Collection[str]) -> str:
    """Name the operation of a path-style request; the most special one that fits."""
    bucket, _, key = path.lstrip("/").partition("/")
    depth = 2 if key else 1 if bucket else 0
    fitting = [shape for shape in _shapes().get((method, depth), ()) if shape.fits(query, headers)]
    return max(fitting, key=lambda shape: shape.weight).operation if fitting else method.title()


@cache
def _shapes() -> dict[tuple[str, int], list[Shape]]:
    model = botocore.session.Session().get_service_model("s3")
    found: dict[tuple[str, int], list[Shape]] = {}
    for operation_name in model.operation_names:
        operation = model.operation_model(operation_name)
        # Both answer to the request of their successor.
        if operation.deprecated or operation_name == "ListDirectoryBuckets":
            continue
        shape = _shape(operation_name, operation)
        found.setdefault((shape.method, shape.depth), []).append(shape)
    return found


def _shape(operation_name: str, operation: Any) -> Shape:
    http = operation.http
    path, _, fixed = http["requestUri"].partition("?")
    query = [pair for pair in parse_qsl(fixed, keep_blank_values=True) if pair[0] != "x-id"]
    headers = set()
    shape = operation.input_shape
    for member in shape.required_members if shape else ():
        serialization = shape.members[member].serialization
        if serialization.get("location") == "querystring":
            query.append((serialization["name"], ""))
        if serialization.get("location") == "header":
            headers.add(serialization["name"].lower())
    depth = 2 if "{Key" in path else 1 if "{Bucket}" in path else 0
    return Shape(operation_name, http["method"], depth, tuple(query), frozenset(headers))
