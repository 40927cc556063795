"""A FHIR resource, or an entry of a Bundle, as a row of bronze: what it is, which version, and its text as it came."""

import json
from collections.abc import Mapping
from typing import Any

from lakehouse.fhir.references import parse_reference
from lakehouse.ingestion.json_lines import MalformedError, json_object, malformed, require_characters
from lakehouse.ingestion.tabular import Values

type Parts = Mapping[str, tuple[Any, str]]
"""An entry's members: value and text by name."""

RESOURCE = "resource"


def values_of_line(line: bytes) -> Values:
    """The row of a line of NDJSON; raises MalformedError."""
    # A byte order mark may begin the file.
    return _values(line.removeprefix(b"\xef\xbb\xbf"))


def values_of_text(text: str) -> Values:
    """The row of one resource's text; never raises."""
    source = _bytes(text)
    try:
        return _values(source)
    except MalformedError as fault:
        return malformed(fault, source)


def values_of_entry(parts: Parts | None) -> Values:
    """The row of an entry of a Bundle; None stands for an entry that is no object. Never raises.

    An entry that deletes has no `last_updated` where only the Bundle tells when it was made.
    """
    try:
        return _of_entry(parts)
    except MalformedError as fault:
        return malformed(fault, b"")


def _of_entry(parts: Parts | None) -> Values:
    if parts is None:
        raise MalformedError("no_object")
    request = _object(parts, "request")
    method = request.get("method")
    if method == "DELETE":
        return _deletion(request, _object(parts, "response"))
    if method == "PATCH":
        raise MalformedError("patch")
    if RESOURCE not in parts:
        raise MalformedError("no_resource")
    values = values_of_text(parts[RESOURCE][1])
    if values.get(RESOURCE) and not values["resource_id"]:
        named = [_text(parts.get("fullUrl", (None, ""))[0]), _text(request.get("url"))]
        found = (parse_reference(text) for text in named if text)
        values["resource_id"] = next((reference.id for reference in found if reference), None)
    return values


def is_search_outcome(parts: Parts) -> bool:
    """Whether a server says in the entry how it searched: that is no resource of its own and has no id."""
    search, resource = (parts.get(name, (None, ""))[0] for name in ("search", RESOURCE))
    return (
        isinstance(search, dict)
        and search.get("mode") == "outcome"
        and isinstance(resource, dict)
        and resource.get("resourceType") == "OperationOutcome"
    )


def is_deletion(values: Values) -> bool:
    """Whether the row says that a resource is no more."""
    return values.get("is_deleted") == "true"


def dated(deletion: Values, bundle: Mapping[str, Any]) -> Values:
    """A deletion as of when its Bundle was made, by these members."""
    made = _text(bundle.get("timestamp")) or _member(bundle.get("meta"), "lastUpdated")
    try:
        (made or "").encode()
    except UnicodeEncodeError:
        return malformed(MalformedError("invalid_utf8"), b"")
    return {**deletion, "last_updated": made}


def _values(source: bytes) -> Values:
    content = _strict(source)
    kind = _text(content.get("resourceType"))
    if kind == "Bundle":
        raise MalformedError("nested_bundle")
    return {
        "resource_type": kind,
        "resource_id": _text(content.get("id")),
        "version_id": _member(content.get("meta"), "versionId"),
        "last_updated": _member(content.get("meta"), "lastUpdated"),
        RESOURCE: source.strip().decode(),
    }


def _deletion(request: Mapping[str, Any], response: Mapping[str, Any]) -> Values:
    named = parse_reference((_text(request.get("url")) or "").rstrip("/"))
    if named is None or named.type is None:
        raise MalformedError("deletes_no_resource")
    return {
        "resource_type": named.type,
        "resource_id": named.id,
        "version_id": (_text(response.get("etag")) or "").removeprefix("W/").strip('"') or None,
        "last_updated": _text(response.get("lastModified")),
        "is_deleted": "true",
    }


def _strict(source: bytes) -> dict[str, Any]:
    content = json_object(source if source.endswith(b"\n") else source + b"\n")
    if b"\\u" in source:
        require_characters(source, [json.dumps(content, ensure_ascii=False)])
    return content


def _object(parts: Parts, name: str) -> Mapping[str, Any]:
    return _strict(_bytes(parts[name][1])) if name in parts else {}


def _member(content: object, name: str) -> str | None:
    return _text(content.get(name)) if isinstance(content, dict) else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _bytes(text: str) -> bytes:
    """With the bytes again that are no UTF-8."""
    return text.encode("utf-8", "surrogateescape")
