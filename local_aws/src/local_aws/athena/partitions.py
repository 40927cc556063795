"""SHOW PARTITIONS: of a Hive table those of the catalog, of a Delta table those that hold data."""

import re

from local_aws.athena import column_types, delta, partition_names
from local_aws.athena.catalog import Catalog, is_delta
from local_aws.athena.engine import Engine
from local_aws.athena.errors import SYNTAX_ERROR, QueryFailedError
from local_aws.athena.execution import QueryExecution
from local_aws.athena.results import Result
from local_aws.athena.statements import QUALIFIED_NAME, table_name

_SHOW = re.compile(rf"SHOW\s+PARTITIONS\s+(?P<name>{QUALIFIED_NAME})$", re.IGNORECASE | re.DOTALL)


def show(
    engine: Engine, catalog: Catalog, execution: QueryExecution, storage_options: dict[str, str]
) -> Result:
    """Answer the statement.

    Raises:
        QueryFailedError: There is no such table, or it is not partitioned.
    """
    match = _SHOW.match(execution.statement.bare)
    if match is None:
        raise QueryFailedError("FAILED: ParseException expected SHOW PARTITIONS table", SYNTAX_ERROR)
    database, name = table_name(match["name"], execution.database)
    table = catalog.table(database, name)
    column = [column_types.info("partition", "string")]
    if not is_delta(table):
        keys = catalog.partition_keys(table)
        names = (partition_names.name(keys, partition["Values"]) for partition in catalog.partitions(table))
        return Result(column, ([name] for name in names), update_count=0)
    keys = delta.partition_columns(table["StorageDescriptor"]["Location"], storage_options)
    if not keys:
        raise QueryFailedError.ddl_task(f"Table {database}.{name} is not a partitioned table")
    columns = ", ".join(f'"{key}"' for key in keys)
    sql = f'SELECT DISTINCT {columns} FROM "{database}"."{name}" ORDER BY {columns}'  # noqa: S608  # names of the catalog
    answer = engine.run(sql, execution)
    lines = (
        partition_names.name(
            keys, [partition_names.NULL_VALUE if value is None else str(value) for value in row]
        )
        for row in answer.rows
    )
    return Result(column, ([line] for line in lines), update_count=0)
