"""CREATE TABLE AS SELECT: Athena's table properties turned into those of Trino's hive connector."""

import re
from dataclasses import dataclass

from local_aws.athena.errors import NOT_SUPPORTED, QueryFailedError
from local_aws.athena.execution import QueryExecution
from local_aws.athena.statements import QUALIFIED_NAME, Statement
from local_aws.trino.settings import HIVE_CATALOG

_HEAD = re.compile(
    rf"(?P<create>CREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?{QUALIFIED_NAME})\s*"
    r"(?:WITH\s*(?P<properties>\((?:[^()']|'[^']*'|\([^()]*\))*\))\s*)?(?P<query>AS\b.*)$",
    re.IGNORECASE | re.DOTALL,
)
_PROPERTY = re.compile(r"(\w+)\s*=\s*('(?:[^']|'')*'|ARRAY\s*\[[^\]]*\]|[^,\s)]+)", re.IGNORECASE)
_COMPRESSION = ("write_compression", "parquet_compression", "orc_compression")


@dataclass(frozen=True)
class Prepared:
    """What the engine gets: its SQL, and session properties for the compression."""

    sql: str
    session: dict[str, str]


def prepare(statement: Statement, execution: QueryExecution) -> Prepared:
    """Make a CTAS ready for the engine, and note where its files and their manifest go."""
    match = _HEAD.match(statement.bare)
    if match is None:
        return Prepared(statement.text, {})
    properties = {name.lower(): value for name, value in _PROPERTY.findall(match["properties"] or "")}
    if properties.pop("table_type", "'HIVE'").strip("'").upper() != "HIVE":
        raise QueryFailedError("NOT_SUPPORTED: only Hive tables are emulated in CTAS", NOT_SUPPORTED)
    properties.pop("is_external", None)
    codecs = [properties.pop(name) for name in _COMPRESSION if name in properties]
    properties.setdefault("format", "'PARQUET'")
    properties.setdefault("external_location", f"'{execution.result_location}/'")
    execution.manifest = f"{execution.result_location}-manifest.csv"
    with_clause = ", ".join(f"{name} = {value}" for name, value in properties.items())
    session = {f"{HIVE_CATALOG}.compression_codec": codecs[0].strip("'").upper()} if codecs else {}
    return Prepared(f"{match['create']} WITH ({with_clause}) {match['query']}", session)


def data_location(statement: Statement, execution: QueryExecution) -> str:
    """Where the data files of a CTAS are."""
    match = _HEAD.match(statement.bare)
    properties = dict(_PROPERTY.findall((match["properties"] or "") if match else ""))
    given = {name.lower(): value for name, value in properties.items()}.get("external_location")
    return (given.strip("'") if given else execution.result_location).rstrip("/") + "/"
