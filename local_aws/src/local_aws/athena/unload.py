"""UNLOAD: the engine has no such statement, so a table of a moment writes the files and is forgotten."""

import contextlib
import re
from collections.abc import Iterator

from local_aws.athena import properties, written
from local_aws.athena.catalog import Catalog
from local_aws.athena.clients import Clients
from local_aws.athena.ctas import Prepared
from local_aws.athena.errors import INVALID_ARGUMENT, SYNTAX_ERROR, QueryFailedError
from local_aws.athena.execution import QueryExecution

_UNLOAD = re.compile(
    r"UNLOAD\s*(?P<query>\(.*\))\s*TO\s*'(?P<target>[^']*)'\s*(?:WITH\s*(?P<properties>\(.*\)))?$",
    re.IGNORECASE | re.DOTALL,
)
# By format: the codec when none is named; what Athena names none for is not compressed here.
_CODECS = {"PARQUET": "GZIP", "ORC": "ZLIB", "JSON": "GZIP", "TEXTFILE": "GZIP", "AVRO": "NONE"}
_TRINO_CODECS = {"ZLIB": "GZIP"}


@contextlib.contextmanager
def prepared(clients: Clients, catalog: Catalog, execution: QueryExecution) -> Iterator[Prepared]:
    """What the engine is to run; the database that its table needs is there meanwhile.

    Raises:
        QueryFailedError: The statement is not valid, or its target is not free.
    """
    match = _UNLOAD.match(execution.statement.bare)
    if match is None:
        raise QueryFailedError("SYNTAX_ERROR: expected UNLOAD (query) TO 's3://...' WITH (...)", SYNTAX_ERROR)
    given = properties.parse(match["properties"])
    format_ = given.pop("format", "''").strip("'").upper()
    if format_ not in _CODECS:
        known = ", ".join(sorted(_CODECS))
        raise QueryFailedError(f"INVALID_PROPERTY_VALUE: format must be one of {known}", INVALID_ARGUMENT)
    written.refuse_taken(clients, match["target"], "the UNLOAD")
    execution.written_to = match["target"]
    session = properties.take_compression(given, _CODECS[format_])
    session = {name: _TRINO_CODECS.get(codec, codec) for name, codec in session.items()}
    if (delimiter := given.pop("field_delimiter", None)) is not None:
        given["textfile_field_separator"] = delimiter
    given |= {"format": f"'{format_}'", "external_location": f"'{match['target']}'"}
    database = f"unload_{execution.id.replace('-', '_')}"
    catalog.create_database(database, None, None)
    try:
        create = f'CREATE TABLE "{database}"."files" WITH ({properties.rendered(given)})'
        yield Prepared(f"{create} AS {match['query']}", session)
    finally:
        catalog.drop_database(database)
