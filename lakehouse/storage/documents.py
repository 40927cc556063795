"""Small JSON documents of a lake: candidates, verdicts and publications of a run."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import boto3

from lakehouse.storage.objects.factory import store_at
from lakehouse.storage.objects.paths import split_uri
from lakehouse.storage.objects.store import FileMissingError

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import ObjectTypeDef


class DocumentNotFoundError(FileNotFoundError):
    """No document at this URI."""


def listed(uri: str) -> "Iterator[ObjectTypeDef]":
    """Every object whose key begins with that of the URI, as S3 lists it."""
    bucket, prefix = split_uri(uri)
    for page in boto3.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        yield from page.get("Contents", ())


def write_document(uri: str, content: dict[str, Any]) -> None:
    """Write `content` as JSON; replaces what was there."""
    write_text(uri, json.dumps(content, indent=1, default=str), "application/json")


def write_text(uri: str, content: str, content_type: str) -> None:
    """Write a text."""
    store, path = store_at(uri)
    store.write(path, content.encode(), content_type)


def read_document(uri: str) -> dict[str, Any]:
    """Read a JSON document; raises DocumentNotFoundError."""
    store, path = store_at(uri)
    try:
        document: dict[str, Any] = json.loads(store.read(path))
    except FileMissingError as error:
        raise DocumentNotFoundError(
            f"there is no {uri}: did the step before this one run for this run id?"
        ) from error
    return document
