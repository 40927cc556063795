"""Views: Presto's definition as it lies in the Glue catalog, base64 inside a comment."""

import base64
import json
import re
from typing import Any

from local_aws.athena import column_types

_DEFINITION = re.compile(r"/\* Presto View: (?P<encoded>[A-Za-z0-9+/=]+) \*/")


def definition(table: dict[str, Any]) -> dict[str, Any]:
    """Decoded definition: ``originalSql``, ``catalog``, ``schema``, ``columns``; empty for Hive's views."""
    match = _DEFINITION.search(table.get("ViewOriginalText") or "")
    if match is None:
        return {}
    decoded: dict[str, Any] = json.loads(base64.b64decode(match["encoded"]))
    return decoded


def columns(table: dict[str, Any]) -> list[tuple[str, str]]:
    """Name and engine type of each column of a view."""
    defined = definition(table).get("columns")
    if defined is not None:
        return [(str(column["name"]), str(column["type"])) for column in defined]
    stored = table.get("StorageDescriptor", {}).get("Columns", [])
    return [(str(column["Name"]), str(column["Type"])) for column in stored]


def catalog_columns(table: dict[str, Any]) -> list[dict[str, str]]:
    """Columns of a view as Athena writes them to the catalog; Trino writes a dummy column there."""
    return [
        {"Name": name, "Type": column_types.hive_name(column_types.parse(type_))}
        for name, type_ in columns(table)
    ]
