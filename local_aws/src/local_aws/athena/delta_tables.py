"""Delta tables as far as Athena reads them: by the features of their protocol."""

from local_aws.athena import delta, references
from local_aws.athena.catalog import Catalog, is_delta
from local_aws.athena.clients import Clients
from local_aws.athena.errors import NOT_SUPPORTED, QueryFailedError
from local_aws.athena.statements import Statement

# https://docs.aws.amazon.com/athena/latest/ug/delta-lake-tables.html
READABLE = {"columnMapping", "deletionVectors", "timestampNtz"}
_READING = {"SELECT", "INSERT", "CREATE_TABLE_AS_SELECT", "UNLOAD"}


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
        location = table["StorageDescriptor"]["Location"]
        unknown = delta.reader_features(location, clients.storage_options()) - READABLE
        if unknown:
            raise QueryFailedError(
                f"NOT_SUPPORTED: Delta Lake table {table['DatabaseName']}.{table['Name']} requires reader features "
                f"that Athena does not list: {', '.join(sorted(unknown))}",
                NOT_SUPPORTED,
            )
