"""Catalog entries of Delta tables in the one form that Spark, Athena and Trino all read.

Trino takes a table for Delta only by ``spark.sql.sources.provider``, and finds it only by the SerDe's
``path``; with ``table_type=DELTA`` alone (as Athena's DDL leaves it) it answers no rows, without an error.
"""

import copy
from typing import Any


def is_delta(table_input: dict[str, Any]) -> bool:
    """Whether a table input describes a Delta table, by either sign."""
    parameters = table_input.get("Parameters") or {}
    return (
        str(parameters.get("table_type", "")).upper() == "DELTA"
        or str(parameters.get("spark.sql.sources.provider", "")).lower() == "delta"
    )


def normalised(table_input: dict[str, Any]) -> dict[str, Any]:
    """Return the input as it is to be stored; anything but a Delta table is left alone."""
    if not is_delta(table_input):
        return table_input
    table = copy.deepcopy(table_input)
    table["Parameters"] |= {"table_type": "DELTA", "spark.sql.sources.provider": "delta"}
    storage = table.get("StorageDescriptor") or {}
    serde = storage.get("SerdeInfo") or {}
    serde_parameters = serde.get("Parameters") or {}
    path = serde_parameters.get("path") or storage.get("Location")
    if path:
        storage.setdefault("Location", path)
        storage["SerdeInfo"] = {**serde, "Parameters": {**serde_parameters, "path": path}}
        table["StorageDescriptor"] = storage
    return table
