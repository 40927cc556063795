"""SHOW PARTITIONS: the partitions that hold data, as Hive names them."""

import re

from local_aws.athena import column_types, delta
from local_aws.athena.catalog import Catalog, is_delta
from local_aws.athena.engine import Engine
from local_aws.athena.errors import SYNTAX_ERROR, QueryFailedError
from local_aws.athena.execution import QueryExecution
from local_aws.athena.results import Result
from local_aws.athena.statements import QUALIFIED_NAME, table_name

_SHOW = re.compile(rf"SHOW\s+PARTITIONS\s+(?P<name>{QUALIFIED_NAME})$", re.IGNORECASE | re.DOTALL)
_NULL = "__HIVE_DEFAULT_PARTITION__"


def show(
    engine: Engine, catalog: Catalog, execution: QueryExecution, storage_options: dict[str, str]
) -> Result:
    """Answer the statement, with the values that the rows have.

    Raises:
        QueryFailedError: There is no such table, or it is not partitioned.
    """
    match = _SHOW.match(execution.statement.bare)
    if match is None:
        raise QueryFailedError("FAILED: ParseException expected SHOW PARTITIONS table", SYNTAX_ERROR)
    database, name = table_name(match["name"], execution.database)
    table = catalog.table(database, name)
    if is_delta(table):
        keys = delta.partition_columns(table["StorageDescriptor"]["Location"], storage_options)
    else:
        keys = [str(key["Name"]) for key in table.get("PartitionKeys") or []]
    if not keys:
        raise QueryFailedError.ddl_task(f"Table {database}.{name} is not a partitioned table")
    columns = ", ".join(f'"{key}"' for key in keys)
    sql = f'SELECT DISTINCT {columns} FROM "{database}"."{name}" ORDER BY {columns}'  # noqa: S608  # names of the catalog
    answer = engine.run(sql, execution)
    lines = (
        "/".join(f"{key}={_NULL if value is None else value}" for key, value in zip(keys, row, strict=True))
        for row in answer.rows
    )
    return Result([column_types.info("partition", "string")], ([line] for line in lines), update_count=0)
