"""Delta tables as far as Athena reads them: by the features of their protocol."""

import json
from dataclasses import dataclass

from local_aws.athena import delta, references
from local_aws.athena.catalog import Catalog, is_delta
from local_aws.athena.clients import Clients
from local_aws.athena.errors import NOT_SUPPORTED, QueryFailedError
from local_aws.athena.results import split_uri
from local_aws.athena.statements import Statement

# https://docs.aws.amazon.com/athena/latest/ug/delta-lake-tables.html
READABLE = {"columnMapping", "deletionVectors", "timestampNtz"}
_READING = {"SELECT", "INSERT", "CREATE_TABLE_AS_SELECT", "UNLOAD"}
_COMMIT = ".json"


@dataclass(frozen=True)
class _Read:
    """Features of a table as of a commit, which its key and ETag tell."""

    key: str
    etag: str
    features: set[str]


_latest: dict[str, _Read] = {}
"""By location; a log is read once, and then only its new commits."""


def refuse_unsupported(clients: Clients, catalog: Catalog, statement: Statement, database: str) -> None:
    """Refuse to read a Delta table with a feature that is not on Athena's list, though the engine may know it.

    Raises:
        QueryFailedError: The statement would.
    """
    if statement.substatement not in _READING:
        return
    for table in references.tables(catalog, statement, database):
        if not is_delta(table):
            continue
        unknown = reader_features(clients, table["StorageDescriptor"]["Location"]) - READABLE
        if unknown:
            raise QueryFailedError(
                f"NOT_SUPPORTED: Delta Lake table {table['DatabaseName']}.{table['Name']} requires reader "
                f"features that Athena does not list: {', '.join(sorted(unknown))}",
                NOT_SUPPORTED,
            )


def reader_features(clients: Clients, location: str) -> set[str]:
    """Features that a reader of the Delta table has to know, as of its latest commit.

    Raises:
        QueryFailedError: There is no Delta log at the location, or one that cannot be read.
    """
    commits = _commits(clients, location)
    known = _latest.get(location)
    if known is None or commits.get(known.key) != known.etag:
        features = delta.reader_features(location, clients.storage_options())
    else:
        features = known.features
        for key in sorted(key for key in commits if key > known.key):
            features = _of_commit(clients, location, key, features)
    if commits:
        last = max(commits)
        _latest[location] = _Read(last, commits[last], features)
    return features


def _commits(clients: Clients, location: str) -> dict[str, str]:
    """ETag of each commit, by key."""
    bucket, prefix = split_uri(f"{location.rstrip('/')}/_delta_log/")
    pages = clients.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    found = (item for page in pages for item in page.get("Contents", []))
    return {item["Key"]: item["ETag"] for item in found if item["Key"].endswith(_COMMIT)}


def _of_commit(clients: Clients, location: str, key: str, before: set[str]) -> set[str]:
    body = clients.s3.get_object(Bucket=split_uri(location)[0], Key=key)["Body"].read()
    actions = (json.loads(line) for line in body.splitlines() if b'"protocol"' in line)
    protocols = [action["protocol"] for action in actions if "protocol" in action]
    if not protocols:
        return before
    return delta.features_of(protocols[-1]["minReaderVersion"], protocols[-1].get("readerFeatures"))
