"""Result reuse: the latest result of the same query, if it is young enough and the query allows it."""

import time
from collections.abc import Iterable
from typing import Any

from sqlglot import exp

from local_aws.athena import references
from local_aws.athena.catalog import Catalog, is_delta
from local_aws.athena.execution import QueryExecution

_DEFAULT_MINUTES = 60
_MINUTE_SECONDS = 60
# Functions whose value changes from call to call.
_UNSTEADY = {"RAND", "SHUFFLE", "UUID", "CURRENT_TIMESTAMP", "CURRENT_DATE", "CURRENT_TIME"}


def minutes_asked(configuration: dict[str, Any] | None) -> int | None:
    """Oldest result that ResultReuseConfiguration allows; None if it allows none."""
    by_age = (configuration or {}).get("ResultReuseByAgeConfiguration") or {}
    return int(by_age.get("MaxAgeInMinutes", _DEFAULT_MINUTES)) if by_age.get("Enabled") else None


def candidate(queries: Iterable[QueryExecution], wanted: QueryExecution) -> QueryExecution | None:
    """The latest query whose result may serve, by text, context, place and age.

    Args:
        queries: Earlier queries, the oldest first.
        wanted: The query that asks for it.
    """
    if wanted.reuse_minutes is None or wanted.statement.substatement != "SELECT":
        return None
    oldest = time.time() - wanted.reuse_minutes * _MINUTE_SECONDS
    return next(
        (
            query
            for query in reversed(list(queries))
            if query.state == "SUCCEEDED"
            and query.reused is None
            and (query.completed_at or 0) >= oldest
            and _identity(query) == _identity(wanted)
        ),
        None,
    )


def is_eligible(catalog: Catalog, query: QueryExecution) -> bool:
    """Whether the same query has the same answer while its tables, all of them Hive's, stay the same."""
    parsed = references.query_of(query.statement)
    if parsed is None or _is_unsteady(parsed):
        return False
    found = references.tables(catalog, query.statement, query.database)
    return not any(is_delta(table) for table in found)


def _identity(query: QueryExecution) -> tuple[Any, ...]:
    return (
        query.statement.text,
        query.parameters,
        query.context,
        query.work_group,
        query.result_configuration,
    )


def _is_unsteady(parsed: exp.Expr) -> bool:
    selects = parsed.find_all(exp.Select)
    if any(select.args.get("limit") and not select.args.get("order") for select in selects):
        return True
    return any(function.sql_name() in _UNSTEADY for function in parsed.find_all(exp.Func))
