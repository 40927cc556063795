"""Tables that a statement reads, those behind views included."""

from collections.abc import Iterator
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from local_aws.athena import views
from local_aws.athena.catalog import Catalog, is_view
from local_aws.athena.statements import Statement


def query_of(statement: Statement) -> exp.Expr | None:
    """The query of a statement, parsed; None for one that has none, or none that can be parsed here."""
    text = statement.text
    if statement.substatement == "UNLOAD":
        text = text[text.find("(") : text.upper().rfind(" TO ")]
    return _parsed(text)


def tables(catalog: Catalog, statement: Statement, database: str) -> Iterator[dict[str, Any]]:
    """Catalog entries of the tables that a statement names; views are followed to theirs."""
    yield from _tables(catalog, query_of(statement), database, set())


def _tables(
    catalog: Catalog, parsed: exp.Expr | None, database: str, seen: set[tuple[str, str]]
) -> Iterator[dict[str, Any]]:
    for named in parsed.find_all(exp.Table) if parsed is not None else ():
        name = ((named.db or database).lower(), named.name.lower())
        if name in seen or not name[1]:
            continue
        seen.add(name)
        entry = catalog.find(*name)
        if entry is None:  # a name that WITH defines, or one that the engine will miss
            continue
        if not is_view(entry):
            yield entry
            continue
        defined = views.definition(entry)
        inner = _parsed(str(defined.get("originalSql") or ""))
        yield from _tables(catalog, inner, str(defined.get("schema") or name[0]), seen)


def _parsed(sql: str) -> exp.Expr | None:
    try:
        return sqlglot.parse_one(sql, read="athena")
    except SqlglotError:
        return None
