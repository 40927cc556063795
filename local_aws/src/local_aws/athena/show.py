"""SHOW and DESCRIBE, answered from the Glue catalog in the text form that Hive gives them."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from local_aws.athena import column_types, views
from local_aws.athena.catalog import Catalog, all_columns, is_view
from local_aws.athena.errors import SYNTAX_ERROR, QueryFailedError
from local_aws.athena.results import Result
from local_aws.athena.show_create import create_table_lines
from local_aws.athena.statements import NAME, QUALIFIED_NAME, Statement, name_parts, table_name

_WIDTH = 20
_FLAGS = re.IGNORECASE | re.DOTALL
_LIKE = r"(?:\s+(?:LIKE\s+)?'(?P<like>[^']*)')?$"
_IN_DATABASE = rf"(?:\s+(?:IN|FROM)\s+(?P<database>{NAME}))?"

_DATABASES = re.compile(rf"SHOW\s+(?:DATABASES|SCHEMAS){_LIKE}", _FLAGS)
_TABLES = re.compile(rf"SHOW\s+(?:TABLES|VIEWS){_IN_DATABASE}{_LIKE}", _FLAGS)
_COLUMNS = re.compile(rf"SHOW\s+COLUMNS\s+(?:IN|FROM)\s+(?P<name>{QUALIFIED_NAME}){_IN_DATABASE}$", _FLAGS)
_DESCRIBE = re.compile(
    rf"DESC(?:RIBE)?\s+(?P<how>(?:EXTENDED|FORMATTED)\s+)?(?P<name>{QUALIFIED_NAME})$", _FLAGS
)
_CREATE = re.compile(rf"SHOW\s+CREATE\s+TABLE\s+(?P<name>{QUALIFIED_NAME})$", _FLAGS)
_PROPERTIES = re.compile(
    rf"SHOW\s+TBLPROPERTIES\s+(?P<name>{QUALIFIED_NAME})(?:\s*\(\s*['\"](?P<key>[^'\"]+)['\"]\s*\))?$", _FLAGS
)

_PARTITION_HEADER = (
    "\t \t ",
    "# Partition Information\t \t ",
    "# col_name            \tdata_type           \tcomment             ",
    "\t \t ",
)

Handler = Callable[[Catalog, Statement, str], Result]


def handler(statement: Statement) -> Handler | None:
    """The function that answers a statement; None for one that the engine answers."""
    return {
        "SHOW_DATABASES": show_databases,
        "SHOW_TABLES": show_tables,
        "SHOW_VIEWS": show_views,
        "SHOW_COLUMNS": show_columns,
        "SHOW_CREATE_TABLE": show_create_table,
        "SHOW_TBLPROPERTIES": show_properties,
        "DESCRIBE_TABLE": describe,
    }.get(statement.substatement or "")


def show_databases(catalog: Catalog, statement: Statement, _database: str) -> Result:
    like = _matched(_DATABASES, statement)["like"]
    # Athena matches databases with a Java regular expression, of which a lone asterisk means all.
    pattern = re.compile(".*" if like in {None, "*"} else like)
    names = (str(database["Name"]) for database in catalog.databases())
    return _one_column("database_name", (name for name in names if pattern.fullmatch(name)))


def show_tables(catalog: Catalog, statement: Statement, database: str) -> Result:
    return _one_column("tab_name", _table_names(catalog, statement, database, views_only=False))


def show_views(catalog: Catalog, statement: Statement, database: str) -> Result:
    return _one_column("views", _table_names(catalog, statement, database, views_only=True), "varchar")


def _table_names(catalog: Catalog, statement: Statement, database: str, *, views_only: bool) -> list[str]:
    match = _matched(_TABLES, statement)
    if match["database"]:
        database = name_parts(match["database"])[0]
    # Hive's pattern: alternatives between bars, an asterisk for any text.
    like = re.sub(r"(?<!\.)\*", ".*", match["like"] or "*")
    pattern = re.compile(like, re.IGNORECASE)
    tables = (table for table in catalog.tables(database) if is_view(table) or not views_only)
    return [str(table["Name"]) for table in tables if pattern.fullmatch(str(table["Name"]))]


def show_columns(catalog: Catalog, statement: Statement, database: str) -> Result:
    match = _matched(_COLUMNS, statement)
    if match["database"]:
        database = name_parts(match["database"])[0]
    table = _table(catalog, match["name"], database)
    if is_view(table):
        return _describe_view(table)
    return _one_column("field", (_padded(column["Name"]) for column in all_columns(table)))


def describe(catalog: Catalog, statement: Statement, database: str) -> Result:
    match = _matched(_DESCRIBE, statement)
    if match["how"]:
        raise QueryFailedError(
            f"NOT_SUPPORTED: DESCRIBE {match['how'].strip().upper()} is not emulated here", 1200
        )
    table = _table(catalog, match["name"], database)
    if is_view(table):
        return _describe_view(table)
    lines = [_column_line(column) for column in all_columns(table)]
    if table.get("PartitionKeys"):
        lines += [*_PARTITION_HEADER, *(_column_line(column) for column in table["PartitionKeys"])]
    columns = [column_types.info(name, "string") for name in ("col_name", "data_type", "comment")]
    return Result(columns, ([line] for line in lines))


def _describe_view(table: dict[str, Any]) -> Result:
    columns = [column_types.info(name, "varchar") for name in ("column", "type")]
    return Result(columns, ([f"{name}\t{type_}"] for name, type_ in views.columns(table)), update_count=0)


def show_create_table(catalog: Catalog, statement: Statement, database: str) -> Result:
    table = _table(catalog, _matched(_CREATE, statement)["name"], database)
    if is_view(table):
        raise QueryFailedError(
            f"NOT_SUPPORTED: {table['Name']} is a view; use SHOW CREATE VIEW {table['Name']}", 1200
        )
    result = _one_column("createtab_stmt", create_table_lines(table))
    return Result(result.columns, result.rows)


def show_properties(catalog: Catalog, statement: Statement, database: str) -> Result:
    match = _matched(_PROPERTIES, statement)
    properties = _table(catalog, match["name"], database).get("Parameters") or {}
    names = [match["key"]] if match["key"] else sorted(properties)
    columns = [column_types.info(name, "string") for name in ("prpt_name", "prpt_value")]
    return Result(columns, ([f"{name}\t{properties[name]}"] for name in names if name in properties), 0)


def _table(catalog: Catalog, qualified: str, database: str) -> dict[str, Any]:
    return catalog.table(*table_name(qualified, database))


def _one_column(name: str, values: Iterable[str], type_name: str = "string") -> Result:
    return Result([column_types.info(name, type_name)], ([value] for value in values), update_count=0)


def _column_line(column: dict[str, Any]) -> str:
    return "\t".join(_padded(str(column.get(key) or "")) for key in ("Name", "Type", "Comment"))


def _padded(text: str) -> str:
    return text.ljust(_WIDTH)


def _matched(pattern: re.Pattern[str], statement: Statement) -> re.Match[str]:
    match = pattern.match(statement.bare)
    if match is None:
        near = " ".join(statement.bare.split()[:4])
        raise QueryFailedError(
            f"FAILED: ParseException line 1:0 cannot recognize input near '{near}'", SYNTAX_ERROR
        )
    return match
