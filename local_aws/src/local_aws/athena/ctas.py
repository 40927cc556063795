"""CREATE TABLE AS SELECT: Athena's table properties turned into those of Trino's hive connector."""

import re
from dataclasses import dataclass

from local_aws.athena import properties, written
from local_aws.athena.clients import Clients
from local_aws.athena.errors import INVALID_ARGUMENT, NOT_SUPPORTED, QueryFailedError
from local_aws.athena.execution import QueryExecution
from local_aws.athena.statements import QUALIFIED_NAME, Statement

_HEAD = re.compile(
    rf"(?P<create>CREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(?P<name>{QUALIFIED_NAME}))\s*"
    rf"(?:WITH\s*(?P<properties>{properties.LIST})\s*)?(?P<query>AS\b.*)$",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True)
class Prepared:
    """What the engine gets: its SQL, and session properties for the compression."""

    sql: str
    session: dict[str, str]


def prepare(clients: Clients, statement: Statement, execution: QueryExecution) -> Prepared:
    """Make a CTAS ready for the engine, and note where its files go.

    Raises:
        QueryFailedError: Athena refuses the place or the kind of the table.
    """
    match = _HEAD.match(statement.bare)
    if match is None:
        return Prepared(statement.text, {})
    given = properties.parse(match["properties"])
    if given.pop("table_type", "'HIVE'").strip("'").upper() != "HIVE":
        raise QueryFailedError("NOT_SUPPORTED: only Hive tables are emulated in CTAS", NOT_SUPPORTED)
    given.pop("is_external", None)
    if "external_location" in given and execution.output_enforced:
        raise QueryFailedError(
            "INVALID_TABLE_PROPERTY: The Create Table As Select query failed because it was submitted with an "
            "'external_location' property to an Athena Workgroup that enforces a centralized output location "
            "for all queries. Please remove the 'external_location' property and resubmit the query.",
            INVALID_ARGUMENT,
        )
    given.setdefault("format", "'PARQUET'")
    given.setdefault("external_location", f"'{execution.result_location}/'")
    execution.written_to = given["external_location"].strip("'")
    written.refuse_taken(clients, execution.written_to, f"table '{match['name']}'")
    session = properties.take_compression(given)
    return Prepared(f"{match['create']} WITH ({properties.rendered(given)}) {match['query']}", session)
