"""Prepared statements of the work groups."""

import re
import time
from dataclasses import dataclass, field

import sqlglot
from sqlglot.errors import SqlglotError

from local_aws.athena import statements
from local_aws.athena.errors import RequestRefusedError
from local_aws.athena.statements import NAME, Statement

_FLAGS = re.IGNORECASE | re.DOTALL
_PREPARE = re.compile(rf"PREPARE\s+(?P<name>{NAME})\s+FROM\s+(?P<sql>.*)$", _FLAGS)
_EXECUTE = re.compile(rf"EXECUTE\s+(?P<name>{NAME})(?:\s+USING\s+(?P<values>.*))?$", _FLAGS)
_DEALLOCATE = re.compile(rf"DEALLOCATE\s+PREPARE\s+(?P<name>{NAME})$", _FLAGS)
_PREPARABLE = {"SELECT", "INSERT", "CREATE_TABLE_AS_SELECT", "UNLOAD"}
_STATEMENTS_MAX = 1000


@dataclass
class PreparedStatement:
    """A statement with question marks, kept under a name."""

    name: str
    work_group: str
    sql: str
    description: str | None = None
    changed_at: float = field(default_factory=time.time)

    def describe(self) -> dict[str, object]:
        """The PreparedStatement of the API."""
        described = {
            "StatementName": self.name,
            "QueryStatement": self.sql,
            "WorkGroupName": self.work_group,
            "LastModifiedTime": self.changed_at,
        }
        return {**described, "Description": self.description} if self.description else described


class PreparedStatements:
    """All prepared statements of one account and region."""

    def __init__(self) -> None:
        self._statements: dict[tuple[str, str], PreparedStatement] = {}

    def create(self, statement: PreparedStatement) -> None:
        """Keep a new statement.

        Raises:
            RequestRefusedError: Its work group has one of this name, or as many as it may.
        """
        key = (statement.work_group, statement.name)
        if key in self._statements:
            raise RequestRefusedError(f"PreparedStatement {statement.name} already exists")
        if len(self.of(statement.work_group)) >= _STATEMENTS_MAX:
            raise RequestRefusedError(f"WorkGroup {statement.work_group} has {_STATEMENTS_MAX} statements")
        self._statements[key] = statement

    def get(self, work_group: str, name: str) -> PreparedStatement:
        """A statement by its name.

        Raises:
            RequestRefusedError: There is none in this work group.
        """
        found = self._statements.get((work_group, name))
        if found is None:
            raise RequestRefusedError(
                f"PreparedStatement {name} was not found in workGroup {work_group}",
                exception="ResourceNotFoundException",
            )
        return found

    def delete(self, work_group: str, name: str) -> None:
        """Forget a statement.

        Raises:
            RequestRefusedError: There is none in this work group.
        """
        self.get(work_group, name)
        del self._statements[(work_group, name)]

    def of(self, work_group: str) -> list[PreparedStatement]:
        """Those of a work group, by name."""
        return sorted(
            (s for s in self._statements.values() if s.work_group == work_group), key=lambda s: s.name
        )

    def run(self, statement: Statement, work_group: str) -> tuple[Statement, list[str]]:
        """Carry out PREPARE and DEALLOCATE; resolve an EXECUTE.

        Returns:
            The statement that is to run, and the values of its question marks.

        Raises:
            RequestRefusedError: There is no such prepared statement, or the statement is not valid.
        """
        if statement.substatement == "PREPARE":
            match = _matched(_PREPARE, statement)
            self.create(PreparedStatement(match["name"].strip('"`'), work_group, _preparable(match["sql"])))
        elif statement.substatement == "DEALLOCATE":
            self.delete(work_group, _matched(_DEALLOCATE, statement)["name"].strip('"`'))
        elif statement.substatement == "EXECUTE":
            match = _matched(_EXECUTE, statement)
            prepared = self.get(work_group, match["name"].strip('"`'))
            return statements.classify(prepared.sql), _values(match["values"])
        return statement, []


def _preparable(sql: str) -> str:
    if statements.classify(sql).substatement not in _PREPARABLE:
        raise RequestRefusedError(
            "Only SELECT, INSERT INTO, CTAS and UNLOAD can be prepared", "MALFORMED_QUERY"
        )
    return sql


def _values(text: str | None) -> list[str]:
    """Part ``1, 'a', DATE '2025-04-01'``."""
    if text is None:
        return []
    try:
        parsed = sqlglot.parse_one(f"SELECT {text}", read="athena")
    except SqlglotError as error:
        raise RequestRefusedError(f"mismatched input in USING {text}: {error}", "MALFORMED_QUERY") from error
    return [value.sql("trino") for value in parsed.expressions]


def _matched(pattern: re.Pattern[str], statement: Statement) -> re.Match[str]:
    match = pattern.match(statement.bare)
    if match is None:
        near = " ".join(statement.bare.split()[:3])
        raise RequestRefusedError(f"line 1:1: mismatched input near '{near}'", "MALFORMED_QUERY")
    return match
