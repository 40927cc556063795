"""Delta tables: their columns, read from the log, and their entry in the Glue catalog."""

import json
from typing import Any

from deltalake import DeltaTable
from deltalake.exceptions import TableNotFoundError

from local_aws.athena import errors
from local_aws.athena.errors import QueryFailedError

_HIVE_NAMES = {
    "long": "bigint",
    "integer": "int",
    "short": "smallint",
    "byte": "tinyint",
    "timestamp_ntz": "timestamp",
}

_VERSION_OF_COLUMN_MAPPING = 2
_VERSION_OF_FEATURES = 3


def columns(location: str, storage_options: dict[str, str]) -> list[dict[str, str]]:
    """Columns of the Delta table at an S3 URI, in the catalog's notation.

    Raises:
        QueryFailedError: There is no Delta log at the location, or one of a protocol that cannot be read.
    """
    schema = _table(location, storage_options).schema()
    return [column(field) for field in json.loads(schema.to_json())["fields"]]


def reader_features(location: str, storage_options: dict[str, str]) -> set[str]:
    """Features that a reader of the Delta table has to know, by their names in the protocol.

    Raises:
        QueryFailedError: There is no Delta log at the location, or one of a protocol that cannot be read.
    """
    protocol = _table(location, storage_options).protocol()
    return features_of(protocol.min_reader_version, protocol.reader_features)


def features_of(reader_version: int, listed: list[str] | None) -> set[str]:
    """Features that a protocol asks of a reader; before version 3 the version alone says it."""
    if reader_version < _VERSION_OF_FEATURES:
        return {"columnMapping"} if reader_version == _VERSION_OF_COLUMN_MAPPING else set()
    return set(listed or [])


def partition_columns(location: str, storage_options: dict[str, str]) -> list[str]:
    """Names of the columns that a Delta table is partitioned by.

    Raises:
        QueryFailedError: There is no Delta log at the location, or one of a protocol that cannot be read.
    """
    return list(_table(location, storage_options).metadata().partition_columns)


def _table(location: str, storage_options: dict[str, str]) -> DeltaTable:
    try:
        return DeltaTable(location.rstrip("/"), storage_options=storage_options, without_files=True)
    except TableNotFoundError as error:
        raise QueryFailedError(
            f"GENERIC_USER_ERROR: Delta Lake transaction log not found at {location}; write the table first",
            errors.S3_PATH_NOT_FOUND,
        ) from error
    except Exception as error:  # the library raises a dozen kinds for logs that it cannot read
        raise QueryFailedError(
            f"GENERIC_USER_ERROR: Cannot read the Delta Lake table at {location}: {error}"
        ) from error


def column(field: dict[str, Any]) -> dict[str, str]:
    """A column of the catalog from a field of a Delta schema."""
    described = {"Name": str(field["name"]).lower(), "Type": hive_type(field["type"])}
    comment = (field.get("metadata") or {}).get("comment")
    return {**described, "Comment": str(comment)} if comment else described


def hive_type(type_: Any) -> str:
    """Spell a type of a Delta schema as the Glue catalog does."""
    if isinstance(type_, str):
        return _HIVE_NAMES.get(type_, type_.replace(" ", ""))
    if type_["type"] == "array":
        return f"array<{hive_type(type_['elementType'])}>"
    if type_["type"] == "map":
        return f"map<{hive_type(type_['keyType'])},{hive_type(type_['valueType'])}>"
    fields = (f"{field['name']}:{hive_type(field['type'])}" for field in type_["fields"])
    return f"struct<{','.join(fields)}>"


def table_input(
    name: str, location: str, table_columns: list[dict[str, str]], properties: dict[str, str]
) -> dict[str, Any]:
    """Catalog entry that Athena, Trino and Spark all read as a Delta table.

    Trino knows a Delta table by ``spark.sql.sources.provider`` and finds it by the SerDe's ``path``; with
    ``table_type`` alone it reads no rows and says nothing.
    """
    location = location.rstrip("/")
    return {
        "Name": name,
        "TableType": "EXTERNAL_TABLE",
        "PartitionKeys": [],
        "Parameters": {
            "EXTERNAL": "TRUE",
            **properties,
            "table_type": "DELTA",
            "spark.sql.sources.provider": "delta",
        },
        "StorageDescriptor": {
            "Columns": table_columns,
            "Location": location,
            "InputFormat": "org.apache.hadoop.mapred.SequenceFileInputFormat",
            "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveSequenceFileOutputFormat",
            "SerdeInfo": {
                "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
                "Parameters": {"path": location, "serialization.format": "1"},
            },
        },
    }
