"""ALTER TABLE and MSCK REPAIR TABLE on Hive's tables: the Glue catalog changes, no data does."""

import re
from collections.abc import Callable
from typing import Any

from local_aws.athena import column_types, external_table, partition_names
from local_aws.athena.catalog import Catalog, is_delta, is_view
from local_aws.athena.clients import Clients
from local_aws.athena.errors import NOT_SUPPORTED, SYNTAX_ERROR, QueryFailedError
from local_aws.athena.results import Result, split_uri
from local_aws.athena.statements import QUALIFIED_NAME, Statement, table_name

_FLAGS = re.IGNORECASE | re.DOTALL
_SPEC = r"\((?P<spec>(?:'[^']*'|[^()'])*)\)"
_ALTER = re.compile(rf"ALTER\s+TABLE\s+(?P<name>{QUALIFIED_NAME})\s+(?P<change>.*)$", _FLAGS)
_REPAIR = re.compile(rf"MSCK\s+REPAIR\s+TABLE\s+(?P<name>{QUALIFIED_NAME})$", _FLAGS)

_PARTITION = re.compile(rf"\s*,?\s*PARTITION\s*{_SPEC}(?:\s*LOCATION\s+'(?P<location>[^']*)')?", _FLAGS)
_ADD_PARTITIONS = re.compile(
    r"ADD\s+(?P<lenient>IF\s+NOT\s+EXISTS\s+)?(?P<partitions>PARTITION\b.*)$", _FLAGS
)
_DROP_PARTITIONS = re.compile(r"DROP\s+(?P<lenient>IF\s+EXISTS\s+)?(?P<partitions>PARTITION\b.*)$", _FLAGS)
_RENAME_PARTITION = re.compile(
    rf"PARTITION\s*{_SPEC}\s*RENAME\s+TO\s+PARTITION\s*{_SPEC.replace('spec', 'new')}$", _FLAGS
)
_SET_LOCATION = re.compile(rf"(?:PARTITION\s*{_SPEC}\s*)?SET\s+LOCATION\s+'(?P<location>[^']*)'$", _FLAGS)
_SET_PROPERTIES = re.compile(r"SET\s+TBLPROPERTIES\s*\((?P<properties>.*)\)$", _FLAGS)
_COLUMNS = re.compile(r"(?P<how>ADD|REPLACE)\s+COLUMNS\s*(?P<columns>\(.*\))$", _FLAGS)
_PROPERTY = re.compile(r"""['"]([^'"]+)['"]\s*=\s*['"]([^'"]*)['"]""")


def alter_table(_clients: Clients, catalog: Catalog, statement: Statement, database: str) -> Result:
    """Carry out an ALTER TABLE.

    Raises:
        QueryFailedError: Athena does not know the change, or the table does not allow it.
    """
    match = _ALTER.match(statement.bare)
    if match is None:
        raise _unknown(statement)
    table = _hive_table(catalog, match["name"], database, "ALTER TABLE")
    for pattern, change in _CHANGES:
        if found := pattern.match(match["change"]):
            change(catalog, table, found)
            return Result()
    raise _unknown(statement)


def repair_table(clients: Clients, catalog: Catalog, statement: Statement, database: str) -> Result:
    """Register the partitions whose folders the table has and the catalog does not know."""
    match = _REPAIR.match(statement.bare)
    if match is None:
        raise _unknown(statement)
    table = _hive_table(catalog, match["name"], database, "MSCK REPAIR TABLE")
    keys = catalog.partition_keys(table)
    known = {tuple(partition["Values"]) for partition in catalog.partitions(table)}
    found = _partitions_in_storage(clients, table, keys)
    missing = sorted(found - known)
    for values in missing:
        catalog.create_partition(table, list(values), _default_location(table, list(values)))
    names = [f"{table['Name']}:{partition_names.name(keys, list(values))}" for values in missing]
    lines = ["Partitions not in metastore:\t" + "\t".join(names)] if names else []
    if gone := sorted(known - found):
        told = (f"{table['Name']}:{partition_names.name(keys, list(values))}" for values in gone)
        lines.append("Partitions missing from filesystem:\t" + "\t".join(told))
    lines += [f"Repair: Added partition to metastore {name}" for name in names]
    return Result([column_types.info("result", "string")], ([line] for line in lines), update_count=0)


def _partitions_in_storage(clients: Clients, table: dict[str, Any], keys: list[str]) -> set[tuple[str, ...]]:
    bucket, prefix = split_uri(_location(table) + "/")
    pages = clients.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    paths = (item["Key"][len(prefix) :] for page in pages for item in page.get("Contents", []))
    found = (partition_names.values_of_path(path, keys) for path in paths)
    return {tuple(values) for values in found if values is not None}


def _add_partitions(catalog: Catalog, table: dict[str, Any], match: re.Match[str]) -> None:
    keys = catalog.partition_keys(table)
    for spec, location in _specs(match["partitions"]):
        values = partition_names.values_of_spec(spec, keys)
        created = catalog.create_partition(table, values, location or _default_location(table, values))
        if not created and not match["lenient"]:
            raise QueryFailedError.ddl_task(
                f"AlreadyExistsException(message:Partition already exists: {partition_names.name(keys, values)})"
            )


def _drop_partitions(catalog: Catalog, table: dict[str, Any], match: re.Match[str]) -> None:
    keys = catalog.partition_keys(table)
    for spec, _ in _specs(match["partitions"]):
        values = partition_names.values_of_spec(spec, keys)
        if not catalog.drop_partition(table, values) and not match["lenient"]:
            raise _no_partition(spec)


def _rename_partition(catalog: Catalog, table: dict[str, Any], match: re.Match[str]) -> None:
    keys = catalog.partition_keys(table)
    old, new = (partition_names.values_of_spec(match[part], keys) for part in ("spec", "new"))
    location = next((_location(p) for p in catalog.partitions(table) if p["Values"] == old), None)
    if location is None:
        raise _no_partition(match["spec"])
    catalog.create_partition(table, new, location)
    catalog.drop_partition(table, old)


def _set_location(catalog: Catalog, table: dict[str, Any], match: re.Match[str]) -> None:
    if match["spec"] is None:
        storage = {**table["StorageDescriptor"], "Location": match["location"]}
        catalog.update_table(table, StorageDescriptor=storage)
        return
    values = partition_names.values_of_spec(match["spec"], catalog.partition_keys(table))
    if not catalog.drop_partition(table, values):
        raise _no_partition(match["spec"])
    catalog.create_partition(table, values, match["location"])


def _set_properties(catalog: Catalog, table: dict[str, Any], match: re.Match[str]) -> None:
    given = dict(_PROPERTY.findall(match["properties"]))
    catalog.update_table(table, Parameters={**(table.get("Parameters") or {}), **given})


def _change_columns(catalog: Catalog, table: dict[str, Any], match: re.Match[str]) -> None:
    columns = external_table.columns_of(match["columns"])
    storage = table["StorageDescriptor"]
    if match["how"].upper() == "ADD":
        columns = [*storage.get("Columns", []), *columns]
    catalog.update_table(table, StorageDescriptor={**storage, "Columns": columns})


_CHANGES: tuple[tuple[re.Pattern[str], Callable[[Catalog, dict[str, Any], re.Match[str]], None]], ...] = (
    (_ADD_PARTITIONS, _add_partitions),
    (_DROP_PARTITIONS, _drop_partitions),
    (_RENAME_PARTITION, _rename_partition),
    (_SET_LOCATION, _set_location),
    (_SET_PROPERTIES, _set_properties),
    (_COLUMNS, _change_columns),
)


def _specs(text: str) -> list[tuple[str, str | None]]:
    """Inside and location of each PARTITION clause."""
    found, position = [], 0
    while match := _PARTITION.match(text, position):
        found.append((match["spec"], match["location"]))
        position = match.end()
    if text[position:].strip():
        raise QueryFailedError(
            f"FAILED: ParseException cannot recognize input near '{text[position:].strip()}'", SYNTAX_ERROR
        )
    return found


def _hive_table(catalog: Catalog, qualified: str, database: str, what: str) -> dict[str, Any]:
    table = catalog.table(*table_name(qualified, database))
    if is_view(table) or is_delta(table):
        kind = "a view" if is_view(table) else "a Delta Lake table"
        raise QueryFailedError(f"NOT_SUPPORTED: {what} on {table['Name']}, which is {kind}", NOT_SUPPORTED)
    return table


def _default_location(table: dict[str, Any], values: list[str]) -> str:
    keys = [str(key["Name"]) for key in table.get("PartitionKeys") or []]
    return f"{_location(table)}/{partition_names.name(keys, values)}"


def _location(described: dict[str, Any]) -> str:
    """Location of a table or a partition."""
    return str(described["StorageDescriptor"]["Location"]).rstrip("/")


def _no_partition(spec: str) -> QueryFailedError:
    return QueryFailedError(
        f"FAILED: SemanticException [Error 10006]: Partition not found ({spec.strip()})", SYNTAX_ERROR
    )


def _unknown(statement: Statement) -> QueryFailedError:
    near = " ".join(statement.bare.split()[:5])
    return QueryFailedError(
        f"FAILED: ParseException line 1:0 cannot recognize input near '{near}'", SYNTAX_ERROR
    )
