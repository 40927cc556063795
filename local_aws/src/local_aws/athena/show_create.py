"""The DDL of a table, as SHOW CREATE TABLE prints it."""

from collections.abc import Mapping
from typing import Any

from local_aws.athena.catalog import is_delta


def create_table_lines(table: dict[str, Any]) -> list[str]:
    """Lines of a CREATE EXTERNAL TABLE statement that would make the table again."""
    storage = table.get("StorageDescriptor", {})
    lines = [f"CREATE EXTERNAL TABLE `{table['DatabaseName']}.{table['Name']}`("]
    lines += _columns(storage.get("Columns", []))
    if table.get("PartitionKeys"):
        lines += ["PARTITIONED BY ( ", *_columns(table["PartitionKeys"])]
    serde = storage.get("SerdeInfo", {})
    if not is_delta(table):
        lines += ["ROW FORMAT SERDE ", f"  '{serde.get('SerializationLibrary', '')}' "]
        if serde.get("Parameters"):
            lines += ["WITH SERDEPROPERTIES ( ", *_properties(serde["Parameters"])]
        lines += ["STORED AS INPUTFORMAT ", f"  '{storage.get('InputFormat', '')}' "]
        lines += ["OUTPUTFORMAT ", f"  '{storage.get('OutputFormat', '')}'"]
    lines += ["LOCATION", f"  '{storage.get('Location', '')}'"]
    parameters = {k: v for k, v in (table.get("Parameters") or {}).items() if k != "EXTERNAL"}
    return [*lines, "TBLPROPERTIES (", *_properties(parameters)] if parameters else lines


def _columns(columns: list[dict[str, Any]]) -> list[str]:
    last = len(columns) - 1
    return [
        f"  `{column['Name']}` {column['Type']}"
        + (f" COMMENT '{column['Comment']}'" if column.get("Comment") else "")
        + (")" if number == last else ", ")
        for number, column in enumerate(columns)
    ]


def _properties(properties: Mapping[str, str]) -> list[str]:
    last = len(properties) - 1
    return [
        f"  '{name}'='{value}'" + (")" if number == last else ", ")
        for number, (name, value) in enumerate(sorted(properties.items()))
    ]
