"""Databases and tables as Athena's metadata calls tell of them."""

import re
from datetime import datetime
from typing import Any

from local_aws.athena.catalog import Catalog
from local_aws.athena.errors import QueryFailedError, RequestRefusedError

CATALOG = "AwsDataCatalog"


def check_catalog(name: str | None) -> None:
    """Refuse a data catalog other than Glue's.

    Raises:
        RequestRefusedError: It is another.
    """
    if (name or "").lower() != CATALOG.lower():
        raise RequestRefusedError(f"DataCatalog {name} was not found", "DATACATALOG_NOT_FOUND")


def database(catalog: Catalog, name: str) -> dict[str, Any]:
    found = catalog.database(name.lower())
    if found is None:
        raise _not_found(f"Database {name} not found.")
    return _database(found)


def databases(catalog: Catalog) -> list[dict[str, Any]]:
    return [_database(found) for found in catalog.databases()]


def table(catalog: Catalog, database_name: str, name: str) -> dict[str, Any]:
    found = catalog.find(database_name.lower(), name.lower())
    if found is None:
        raise _not_found(f"Table {name} not found.")
    return _table(found)


def tables(catalog: Catalog, database_name: str, expression: str | None) -> list[dict[str, Any]]:
    """Tables whose name matches a regular expression, of which ``*`` alone means all."""
    pattern = re.compile(".*" if expression in {None, "", "*"} else str(expression))
    try:
        found = catalog.tables(database_name.lower())
    except QueryFailedError as error:
        raise _not_found(f"Database {database_name} not found.") from error
    return [_table(entry) for entry in found if pattern.fullmatch(entry["Name"])]


def _not_found(what: str) -> RequestRefusedError:
    text = f"{what} (Service: AmazonDataCatalog; Status Code: 400; Error Code: EntityNotFoundException)"
    return RequestRefusedError(f"EntityNotFoundException: {text}", "METADATA", "MetadataException")


def _database(found: dict[str, Any]) -> dict[str, Any]:
    described = {
        "Name": found["Name"],
        "Description": found.get("Description"),
        "Parameters": found.get("Parameters"),
    }
    return {key: value for key, value in described.items() if value}


def _table(found: dict[str, Any]) -> dict[str, Any]:
    storage = found.get("StorageDescriptor") or {}
    serde = storage.get("SerdeInfo") or {}
    parameters = dict(found.get("Parameters") or {})
    places = {
        "location": storage.get("Location"),
        "inputformat": storage.get("InputFormat"),
        "outputformat": storage.get("OutputFormat"),
        "serde.serialization.lib": serde.get("SerializationLibrary"),
    }
    parameters |= {name: value for name, value in places.items() if value}
    parameters |= {f"serde.param.{name}": value for name, value in (serde.get("Parameters") or {}).items()}
    times = {"CreateTime": found.get("CreateTime"), "LastAccessTime": found.get("LastAccessTime")}
    return {
        "Name": found["Name"],
        "TableType": found.get("TableType") or "EXTERNAL_TABLE",
        "Columns": storage.get("Columns") or [],
        "PartitionKeys": found.get("PartitionKeys") or [],
        "Parameters": parameters,
        **{name: time.timestamp() for name, time in times.items() if isinstance(time, datetime)},
    }
