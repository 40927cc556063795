"""Listings as XML, written directly: moto's serializer takes a tenth of a millisecond per object."""

from typing import Any
from xml.sax.saxutils import escape

ROOTS = {
    "ListObjects": "ListBucketResult",
    "ListObjectsV2": "ListBucketResult",
    "ListObjectVersions": "ListVersionsResult",
}
NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
ELEMENTS = {"Versions": "Version", "DeleteMarkers": "DeleteMarker"}  # S3's lists are flat


def listing_xml(action: str, result: dict[str, Any]) -> str:
    """Write the answer of a listing operation."""
    root = ROOTS[action]
    body = "".join(_field(name, value) for name, value in result.items())
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{NAMESPACE}">{body}</{root}>'


def _field(name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return "".join(_field(ELEMENTS.get(name, name), item) for item in value)
    if isinstance(value, dict):
        text = "".join(_field(inner, item) for inner, item in value.items())
    elif isinstance(value, bool):
        text = str(value).lower()
    else:
        text = escape(str(value)).replace("\r", "&#13;")
    return f"<{name}>{text}</{name}>"
