"""Statements that the engine runs: made ready for it, or refused where Athena refuses."""

import re
from collections.abc import Iterator

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from local_aws.athena import column_types, ctas, delta_tables, partitions, text, unload, views
from local_aws.athena.catalog import Catalog, is_delta
from local_aws.athena.clients import Clients
from local_aws.athena.ctas import Prepared
from local_aws.athena.engine import Answer, Engine
from local_aws.athena.errors import NOT_SUPPORTED, QueryFailedError
from local_aws.athena.execution import QueryExecution
from local_aws.athena.results import Result, Row
from local_aws.athena.statements import QUALIFIED_NAME, Statement, table_name, without_texts

_FLAGS = re.IGNORECASE | re.DOTALL
_WRITE = re.compile(
    rf"(?P<verb>INSERT\s+INTO|DELETE\s+FROM|UPDATE|MERGE\s+INTO)\s+(?P<name>{QUALIFIED_NAME})", _FLAGS
)
_CREATE_VIEW = re.compile(rf"CREATE\s+(?:OR\s+REPLACE\s+)?VIEW\s+(?P<name>{QUALIFIED_NAME})", _FLAGS)
# Trino names the security of a view, of which Athena has but one.
_SECURITY = re.compile(r" SECURITY (?:DEFINER|INVOKER)(?= AS\n)")
_INLINE_FUNCTION = re.compile(r"WITH\s+FUNCTION\b", _FLAGS)
_TIME_TRAVEL = re.compile(r"\bFOR\s+(?:VERSION|TIMESTAMP|SYSTEM_VERSION|SYSTEM_TIME)\s+AS\s+OF\b", _FLAGS)


def run(engine: Engine, clients: Clients, catalog: Catalog, execution: QueryExecution) -> Result:
    """Run a statement on the engine.

    Raises:
        QueryFailedError: Athena refuses it, or the engine does.
        ScanLimitError: It read more than it may.
    """
    statement = execution.statement
    refuse_time_travel(statement)
    refuse_inline_functions(statement)
    refuse_delta_write(catalog, statement, execution.database)
    delta_tables.refuse_unsupported(clients, catalog, statement, execution.database)
    if statement.substatement == "SHOW_PARTITIONS":
        return partitions.show(engine, catalog, execution, clients.storage_options())
    if statement.substatement == "UNLOAD":
        with unload.prepared(clients, catalog, execution) as prepared:
            list(_run(engine, prepared, execution).rows)
        return Result()
    prepared = _prepared(clients, catalog, execution)
    return _result(_run(engine, prepared, execution), catalog, execution)


def _prepared(clients: Clients, catalog: Catalog, execution: QueryExecution) -> Prepared:
    statement = execution.statement
    if statement.substatement == "CREATE_TABLE_AS_SELECT":
        return ctas.prepare(clients, statement, execution)
    if statement.substatement == "INSERT" and (match := _WRITE.match(statement.bare)):
        table = catalog.find(*table_name(match["name"], execution.database))
        execution.written_to = ((table or {}).get("StorageDescriptor") or {}).get("Location")
    return Prepared(statement.text, {})


def _run(engine: Engine, prepared: Prepared, execution: QueryExecution) -> Answer:
    return engine.run(with_parameters(prepared.sql, execution.parameters), execution, prepared.session)


def _result(answer: Answer, catalog: Catalog, execution: QueryExecution) -> Result:
    statement = execution.statement
    if statement.changes_rows:
        counts = [row[0] for row in answer.rows if row]
        return Result([column_types.info("rows", "bigint", 19)], update_count=int(counts[0]) if counts else 0)
    if statement.substatement == "CREATE_VIEW":
        list(answer.rows)
        _show_columns_of_view(catalog, statement, execution.database)
        return Result()
    if statement.kind == "DDL":
        list(answer.rows)
        return Result()
    if statement.substatement in {"EXPLAIN", "SHOW_CREATE_VIEW"}:
        return _lines(answer, statement)
    columns = [column_types.column_info(name, type_) for name, type_ in answer.columns]
    return Result(columns, _texts(answer), update_count=0)


def refuse_inline_functions(statement: Statement) -> None:
    """Refuse functions that a query defines for itself: newer than Athena's grammar, whose functions are Lambda's.

    Raises:
        QueryFailedError: The statement defines one.
    """
    if _INLINE_FUNCTION.match(statement.bare):
        raise QueryFailedError("NOT_SUPPORTED: WITH FUNCTION is not supported", NOT_SUPPORTED)


def refuse_time_travel(statement: Statement) -> None:
    """Refuse to read a table as it was: Athena can for Iceberg only, which is not emulated.

    Raises:
        QueryFailedError: The statement would.
    """
    if _TIME_TRAVEL.search(without_texts(statement.text)):
        raise QueryFailedError(
            "NOT_SUPPORTED: This connector does not support versioned tables: "
            "Athena reads the latest version of a Delta Lake table only",
            NOT_SUPPORTED,
        )


def refuse_delta_write(catalog: Catalog, statement: Statement, database: str) -> None:
    """Refuse to change a Delta table's rows: Athena only reads Delta Lake.

    Raises:
        QueryFailedError: The statement would.
    """
    match = _WRITE.match(statement.bare)
    if match is None:
        return
    database, name = table_name(match["name"], database)
    table = catalog.find(database, name)
    if table is not None and is_delta(table):
        verb = match["verb"].split()[0].upper()
        raise QueryFailedError(
            f"NOT_SUPPORTED: {verb} is not supported for Delta Lake table {database}.{name}: "
            "Athena reads Delta Lake tables only",
            NOT_SUPPORTED,
        )


def with_parameters(sql: str, parameters: list[str]) -> str:
    """Bind the values of the question marks, as Athena does: expressions as they are, all else as texts."""
    if not parameters:
        return sql
    values = ", ".join(value if _is_expression(value) else _quoted(value) for value in parameters)
    return f"EXECUTE IMMEDIATE {_quoted(sql)} USING {values}"


def _is_expression(value: str) -> bool:
    try:
        parsed = sqlglot.parse_one(f"SELECT ({value})", read="athena")
    except SqlglotError:
        return False
    return next(parsed.find_all(exp.Column, exp.Alias), None) is None


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _texts(answer: Answer) -> Iterator[Row]:
    kinds = [type_ for _, type_ in answer.columns]
    for row in answer.rows:
        yield [text.render(value, kind) for value, kind in zip(row, kinds, strict=True)]


def _lines(answer: Answer, statement: Statement) -> Result:
    """Turn an answer of one long text into rows of one line; a plan has one line more than its text."""
    value = "\n".join(str(row[0]) for row in answer.rows)
    if statement.substatement == "EXPLAIN":
        column = column_types.info("Query Plan", "varchar", len(value), case_sensitive=True)
        return Result([column], ([line] for line in f"{value}\n".split("\n")))
    value = _SECURITY.sub("", value, count=1)
    return Result([column_types.info("create view", "varchar")], ([line] for line in value.split("\n")), 0)


def _show_columns_of_view(catalog: Catalog, statement: Statement, database: str) -> None:
    """Write the columns of a new view to the catalog, as Athena does; Trino puts a dummy column there."""
    match = _CREATE_VIEW.match(statement.bare)
    if match is not None:
        database, name = table_name(match["name"], database)
        view = catalog.find(database, name)
        if view is not None:
            catalog.update_columns(database, name, views.catalog_columns(view))
