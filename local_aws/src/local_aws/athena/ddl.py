"""Statements that change the Glue catalog, carried out here: Trino has no grammar for Hive's DDL."""

import re
from collections.abc import Callable

from local_aws.athena import alter, external_table
from local_aws.athena.catalog import Catalog, is_view
from local_aws.athena.clients import Clients
from local_aws.athena.errors import ALREADY_EXISTS, SYNTAX_ERROR, QueryFailedError
from local_aws.athena.results import Result
from local_aws.athena.statements import NAME, QUALIFIED_NAME, Statement, name_parts, table_name

_FLAGS = re.IGNORECASE | re.DOTALL

_CREATE_DATABASE = re.compile(
    rf"CREATE\s+(?:DATABASE|SCHEMA)\s+(?P<lenient>IF\s+NOT\s+EXISTS\s+)?(?P<name>{NAME})"
    r"(?:\s+COMMENT\s+'(?P<comment>[^']*)')?(?:\s+LOCATION\s+'(?P<location>[^']*)')?"
    r"(?:\s+WITH\s+DBPROPERTIES\s*\(.*\))?$",
    _FLAGS,
)
_DROP_DATABASE = re.compile(
    rf"DROP\s+(?:DATABASE|SCHEMA)\s+(?P<lenient>IF\s+EXISTS\s+)?(?P<name>{NAME})"
    r"(?:\s+(?P<how>RESTRICT|CASCADE))?$",
    _FLAGS,
)
_DROP_TABLE = re.compile(
    rf"DROP\s+TABLE\s+(?P<lenient>IF\s+EXISTS\s+)?(?P<name>{QUALIFIED_NAME})(?:\s+PURGE)?$", _FLAGS
)

Handler = Callable[[Clients, Catalog, Statement, str], Result]


def handler(statement: Statement) -> Handler | None:
    """The function that carries out a statement; None for one that the engine runs."""
    if re.match(r"CREATE\s+EXTERNAL\s+TABLE\b", statement.bare, _FLAGS):
        return create_external_table
    return {
        "CREATE_DATABASE": create_database,
        "DROP_DATABASE": drop_database,
        "DROP_TABLE": drop_table,
        "CREATE_TABLE": refuse_managed_table,
        "ALTER_TABLE": alter.alter_table,
        "MSCK_REPAIR": alter.repair_table,
        "PREPARE": nothing,
        "DEALLOCATE": nothing,
    }.get(statement.substatement or "")


def nothing(_clients: Clients, _catalog: Catalog, _statement: Statement, _database: str) -> Result:
    """The start of the query has done it all: prepared statements belong to work groups, not to the catalog."""
    return Result()


def create_database(_clients: Clients, catalog: Catalog, statement: Statement, _database: str) -> Result:
    match = _matched(_CREATE_DATABASE, statement)
    name = name_parts(match["name"])[0]
    if not catalog.create_database(name, match["comment"], match["location"]) and not match["lenient"]:
        raise QueryFailedError.ddl_task(f"AlreadyExistsException(message:Database {name} already exists.)")
    return Result()


def drop_database(_clients: Clients, catalog: Catalog, statement: Statement, _database: str) -> Result:
    match = _matched(_DROP_DATABASE, statement)
    name = name_parts(match["name"])[0]
    if catalog.database(name) is None:
        if match["lenient"]:
            return Result()
        raise QueryFailedError.database_not_found(name)
    if (match["how"] or "").upper() != "CASCADE" and catalog.tables(name):
        detail = f"Database {name} is not empty. One or more tables exist."
        raise QueryFailedError.ddl_task(f"InvalidOperationException(message:{detail})")
    catalog.drop_database(name)
    return Result()


def create_external_table(clients: Clients, catalog: Catalog, statement: Statement, database: str) -> Result:
    table = external_table.parse(statement.text)
    database = table.database or database
    if catalog.database(database) is None:
        raise QueryFailedError.database_not_found(database)
    if catalog.find(database, table.name) is None:
        entry = table.table_input(clients.storage_options())
        if catalog.create_table(database, entry):
            return Result()
    if not table.if_not_exists:
        raise QueryFailedError(
            "FAILED: Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. "
            f"AlreadyExistsException(message:Table {table.name} already exists.)",
            ALREADY_EXISTS,
        )
    return Result()


def drop_table(_clients: Clients, catalog: Catalog, statement: Statement, database: str) -> Result:
    match = _matched(_DROP_TABLE, statement)
    database, name = table_name(match["name"], database)
    table = catalog.find(database, name)
    if table is None:
        if match["lenient"]:
            return Result()
        raise QueryFailedError.table_not_found(f"{database}.{name}")
    if is_view(table):
        raise QueryFailedError(
            "FAILED: SemanticException [Error 10003]: Cannot drop a view with DROP TABLE; use DROP VIEW",
            SYNTAX_ERROR,
        )
    catalog.drop_table(database, name)
    return Result()


def refuse_managed_table(
    _clients: Clients, _catalog: Catalog, _statement: Statement, _database: str
) -> Result:
    """Athena has only external tables; of the other forms only Iceberg's, which is not emulated, is known."""
    raise QueryFailedError(
        "FAILED: SemanticException No location was specified for table. An S3 location must be specified",
        SYNTAX_ERROR,
    )


def _matched(pattern: re.Pattern[str], statement: Statement) -> re.Match[str]:
    match = pattern.match(statement.bare)
    if match is None:
        near = " ".join(statement.bare.split()[:4])
        raise QueryFailedError(
            f"FAILED: ParseException line 1:0 cannot recognize input near '{near}'", SYNTAX_ERROR
        )
    return match
