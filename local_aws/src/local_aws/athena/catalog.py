"""The Glue catalog as Athena's statements use it."""

from typing import Any

from botocore.exceptions import ClientError

from local_aws.athena.clients import Clients, error_code
from local_aws.athena.errors import QueryFailedError

MISSING = "EntityNotFoundException"
EXISTS = "AlreadyExistsException"


_TABLE_INPUT = (
    "Name",
    "Description",
    "Owner",
    "Retention",
    "PartitionKeys",
    "ViewOriginalText",
    "ViewExpandedText",
    "TableType",
    "Parameters",
)


class Catalog:
    """Databases, tables and views, by lower-case name."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def databases(self) -> list[dict[str, Any]]:
        pages = self._clients.glue.get_paginator("get_databases").paginate()
        found = [database for page in pages for database in page["DatabaseList"]]
        return sorted(found, key=lambda database: str(database["Name"]))

    def database(self, name: str) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = self._clients.glue.get_database(Name=name)["Database"]
        except ClientError as error:
            if error_code(error) != MISSING:
                raise
            return None
        return found

    def tables(self, database: str) -> list[dict[str, Any]]:
        """Tables and views of a database, sorted by name.

        Raises:
            QueryFailedError: There is no such database.
        """
        try:
            pages = list(self._clients.glue.get_paginator("get_tables").paginate(DatabaseName=database))
        except ClientError as error:
            if error_code(error) != MISSING:
                raise
            raise QueryFailedError.database_not_found(database) from error
        return sorted((t for page in pages for t in page["TableList"]), key=lambda table: str(table["Name"]))

    def find(self, database: str, name: str) -> dict[str, Any] | None:
        """A table or view, None if there is none."""
        try:
            found: dict[str, Any] = self._clients.glue.get_table(DatabaseName=database, Name=name)["Table"]
        except ClientError as error:
            if error_code(error) != MISSING:
                raise
            return None
        return found

    def table(self, database: str, name: str) -> dict[str, Any]:
        """A table or view.

        Raises:
            QueryFailedError: There is none, or not even its database.
        """
        found = self.find(database, name)
        if found is None:
            if self.database(database) is None:
                raise QueryFailedError.database_not_found(database)
            raise QueryFailedError.table_not_found(name)
        return found

    def create_database(self, name: str, comment: str | None, location: str | None) -> bool:
        """Create a database; False if there is one of this name."""
        values = {"Name": name, "Description": comment, "LocationUri": location}
        database = {key: value for key, value in values.items() if value}
        return self._created(lambda: self._clients.glue.create_database(DatabaseInput=database))

    def drop_database(self, name: str) -> None:
        """Drop a database with the tables in it; their data stays."""
        for table in self.tables(name):
            self.drop_table(name, table["Name"])
        self._clients.glue.delete_database(Name=name)

    def create_table(self, database: str, table: dict[str, Any]) -> bool:
        """Create a table; False if there is one of this name."""
        return self._created(lambda: self._clients.glue.create_table(DatabaseName=database, TableInput=table))

    def drop_table(self, database: str, name: str) -> None:
        self._clients.glue.delete_table(DatabaseName=database, Name=name)

    def update_columns(self, database: str, name: str, columns: list[dict[str, str]]) -> None:
        """Replace the columns that the catalog shows for a table or view."""
        table = self.table(database, name)
        storage = {**table.get("StorageDescriptor", {}), "Columns": columns}
        self.update_table(table, StorageDescriptor=storage)

    def update_table(self, table: dict[str, Any], **changes: Any) -> None:
        """Change parts of a table's entry; the others stay."""
        kept = {key: table[key] for key in (*_TABLE_INPUT, "StorageDescriptor") if table.get(key) is not None}
        self._clients.glue.update_table(DatabaseName=table["DatabaseName"], TableInput={**kept, **changes})

    @staticmethod
    def partition_keys(table: dict[str, Any]) -> list[str]:
        """Names of the columns that a Hive table is partitioned by.

        Raises:
            QueryFailedError: There are none.
        """
        keys = [str(key["Name"]) for key in table.get("PartitionKeys") or []]
        if not keys:
            raise QueryFailedError.ddl_task(
                f"Table {table['DatabaseName']}.{table['Name']} is not a partitioned table"
            )
        return keys

    def partitions(self, table: dict[str, Any]) -> list[dict[str, Any]]:
        """The partitions of a Hive table that the catalog knows."""
        pages = self._clients.glue.get_paginator("get_partitions").paginate(
            DatabaseName=table["DatabaseName"], TableName=table["Name"]
        )
        return [partition for page in pages for partition in page["Partitions"]]

    def create_partition(self, table: dict[str, Any], values: list[str], location: str) -> bool:
        """Register a partition in the format of its table; False if there is one of these values."""
        partition = {
            "Values": values,
            "StorageDescriptor": {**table["StorageDescriptor"], "Location": location},
            "Parameters": {},
        }
        return self._created(
            lambda: self._clients.glue.create_partition(
                DatabaseName=table["DatabaseName"], TableName=table["Name"], PartitionInput=partition
            )
        )

    def drop_partition(self, table: dict[str, Any], values: list[str]) -> bool:
        """Forget a partition, whose data stays; False if there is none of these values."""
        try:
            self._clients.glue.delete_partition(
                DatabaseName=table["DatabaseName"], TableName=table["Name"], PartitionValues=values
            )
        except ClientError as error:
            if error_code(error) != MISSING:
                raise
            return False
        return True

    @staticmethod
    def _created(create: Any) -> bool:
        try:
            create()
        except ClientError as error:
            if error_code(error) != EXISTS:
                raise
            return False
        return True


def is_delta(table: dict[str, Any]) -> bool:
    """Whether a catalog entry is a Delta table."""
    parameters = table.get("Parameters") or {}
    provider = str(parameters.get("spark.sql.sources.provider", "")).lower()
    return provider == "delta" or str(parameters.get("table_type", "")).lower() == "delta"


def is_view(table: dict[str, Any]) -> bool:
    """Whether a catalog entry is a view."""
    return bool(table.get("TableType") == "VIRTUAL_VIEW")


def all_columns(table: dict[str, Any]) -> list[dict[str, Any]]:
    """Columns of a catalog entry, partition keys last."""
    columns: list[dict[str, Any]] = table.get("StorageDescriptor", {}).get("Columns", [])
    return [*columns, *(table.get("PartitionKeys") or [])]
