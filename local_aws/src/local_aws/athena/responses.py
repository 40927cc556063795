"""Athena's calls: what a request asks, what its reply says."""

import json
from typing import Any

from moto.athena.responses import AthenaResponse

from local_aws.athena import metadata, paging, reuse
from local_aws.athena.errors import RequestRefusedError
from local_aws.athena.models import LocalAthenaBackend
from local_aws.athena.prepared import PreparedStatement
from local_aws.athena.work_groups import changed_configuration

_ROWS_MAX = 1000
_IDS_MAX = 50


class LocalAthenaResponse(AthenaResponse):  # type: ignore[misc]
    """Calls about queries, work groups and metadata; the rest is moto's."""

    @property
    def _backend(self) -> LocalAthenaBackend:
        backend: LocalAthenaBackend = self.athena_backend
        return backend

    def start_query_execution(self) -> str:
        query = self._backend.start_query(
            sql=self._get_param("QueryString") or "",
            context=self._get_param("QueryExecutionContext") or {},
            result_configuration=self._get_param("ResultConfiguration") or {},
            work_group=self._get_param("WorkGroup") or "primary",
            parameters=self._get_param("ExecutionParameters") or [],
            token=self._get_param("ClientRequestToken"),
            reuse_minutes=reuse.minutes_asked(self._get_param("ResultReuseConfiguration")),
        )
        return json.dumps({"QueryExecutionId": query.id})

    def get_query_execution(self) -> str:
        query = self._backend.query(self._get_param("QueryExecutionId"))
        query.await_end(self._backend.runner.settings.status_hold_seconds)
        return json.dumps({"QueryExecution": query.describe()})

    def batch_get_query_execution(self) -> str:
        ids = self._get_param("QueryExecutionIds") or []
        known = self._backend.queries
        unknown = [
            {
                "QueryExecutionId": query_id,
                "ErrorCode": "INVALID_INPUT",
                "ErrorMessage": f"QueryExecution {query_id} was not found",
            }
            for query_id in ids
            if query_id not in known
        ]
        found = [known[query_id].describe() for query_id in ids if query_id in known]
        return json.dumps({"QueryExecutions": found, "UnprocessedQueryExecutionIds": unknown})

    def list_query_executions(self) -> str:
        ids = self._backend.query_ids(self._get_param("WorkGroup") or "primary")
        size = paging.limit(self._get_param("MaxResults"), _IDS_MAX)
        shown, following = paging.page(ids, self._get_param("NextToken"), size)
        return json.dumps({"QueryExecutionIds": shown, **following})

    def stop_query_execution(self) -> str:
        self._backend.query(self._get_param("QueryExecutionId")).stop()
        return "{}"

    def get_query_results(self) -> str:
        query_id = self._get_param("QueryExecutionId")
        self._backend.query(query_id)
        size = paging.limit(self._get_param("MaxResults"), _ROWS_MAX)
        return json.dumps(self._backend.query_page(query_id, self._get_param("NextToken"), size))

    def get_query_runtime_statistics(self) -> str:
        query = self._backend.query(self._get_param("QueryExecutionId"))
        return json.dumps({"QueryRuntimeStatistics": query.runtime_statistics()})

    def get_work_group(self) -> str:
        group = self._backend.get_work_group(self._get_param("WorkGroup"))
        if group is None:
            raise RequestRefusedError("WorkGroup is not found.")
        group["Configuration"].setdefault("ResultConfiguration", {})
        return json.dumps({"WorkGroup": {key: value for key, value in group.items() if value is not None}})

    def update_work_group(self) -> str:
        group = self._backend.work_groups.get(self._get_param("WorkGroup"))
        if group is None:
            raise RequestRefusedError("WorkGroup is not found.")
        updates = self._get_param("ConfigurationUpdates") or {}
        group.configuration = changed_configuration(group.configuration, updates)
        if (description := self._get_param("Description")) is not None:
            group.description = description
        if state := self._get_param("State"):
            group.state = state
        return "{}"

    def delete_work_group(self) -> str:
        name = self._get_param("WorkGroup")
        if name == "primary":
            raise RequestRefusedError("WorkGroup primary cannot be deleted.")
        if name not in self._backend.work_groups:
            raise RequestRefusedError("WorkGroup is not found.")
        if self._backend.query_ids(name) and not self._get_param("RecursiveDeleteOption"):
            raise RequestRefusedError(f"WorkGroup {name} is not empty")
        self._backend.delete_work_group(name)
        return "{}"

    def create_prepared_statement(self) -> str:
        self._existing_work_group()
        self._backend.prepared.create(self._prepared_statement())
        return "{}"

    def update_prepared_statement(self) -> str:
        changed = self._prepared_statement()
        self._backend.prepared.delete(changed.work_group, changed.name)
        self._backend.prepared.create(changed)
        return "{}"

    def _prepared_statement(self) -> PreparedStatement:
        return PreparedStatement(
            self._get_param("StatementName"),
            self._get_param("WorkGroup"),
            self._get_param("QueryStatement"),
            self._get_param("Description"),
        )

    def get_prepared_statement(self) -> str:
        found = self._backend.prepared.get(self._get_param("WorkGroup"), self._get_param("StatementName"))
        return json.dumps({"PreparedStatement": found.describe()})

    def delete_prepared_statement(self) -> str:
        self._backend.prepared.delete(self._get_param("WorkGroup"), self._get_param("StatementName"))
        return "{}"

    def list_prepared_statements(self) -> str:
        self._existing_work_group()
        summaries = [
            {"StatementName": statement.name, "LastModifiedTime": statement.changed_at}
            for statement in self._backend.prepared.of(self._get_param("WorkGroup"))
        ]
        return self._listed("PreparedStatements", summaries)

    def batch_get_prepared_statement(self) -> str:
        known = {s.name: s.describe() for s in self._backend.prepared.of(self._get_param("WorkGroup"))}
        names = self._get_param("PreparedStatementNames") or []
        unknown = [
            {"StatementName": name, "ErrorCode": "INVALID_INPUT", "ErrorMessage": f"{name} was not found"}
            for name in names
            if name not in known
        ]
        found = [known[name] for name in names if name in known]
        return json.dumps({"PreparedStatements": found, "UnprocessedPreparedStatementNames": unknown})

    def _existing_work_group(self) -> None:
        if self._get_param("WorkGroup") not in self._backend.work_groups:
            raise RequestRefusedError("WorkGroup is not found.")

    def list_data_catalogs(self) -> str:
        own = self._backend.list_data_catalogs()
        glue = {"CatalogName": metadata.CATALOG, "Type": "GLUE", "Status": "CREATE_COMPLETE"}
        return json.dumps({"DataCatalogsSummary": [glue, *own]})

    def get_data_catalog(self) -> str:
        name = self._get_param("Name") or ""
        own = self._backend.get_data_catalog(name)
        if own is not None:
            return json.dumps({"DataCatalog": own})
        metadata.check_catalog(name)
        parameters = {"catalog-id": self.current_account}
        return json.dumps(
            {"DataCatalog": {"Name": metadata.CATALOG, "Type": "GLUE", "Parameters": parameters}}
        )

    def get_database(self) -> str:
        metadata.check_catalog(self._get_param("CatalogName"))
        database = metadata.database(self._backend.runner.catalog, self._get_param("DatabaseName"))
        return json.dumps({"Database": database})

    def list_databases(self) -> str:
        metadata.check_catalog(self._get_param("CatalogName"))
        return self._listed("DatabaseList", metadata.databases(self._backend.runner.catalog))

    def get_table_metadata(self) -> str:
        metadata.check_catalog(self._get_param("CatalogName"))
        table = metadata.table(
            self._backend.runner.catalog, self._get_param("DatabaseName"), self._get_param("TableName")
        )
        return json.dumps({"TableMetadata": table})

    def list_table_metadata(self) -> str:
        metadata.check_catalog(self._get_param("CatalogName"))
        tables = metadata.tables(
            self._backend.runner.catalog, self._get_param("DatabaseName"), self._get_param("Expression")
        )
        return self._listed("TableMetadataList", tables)

    def _listed(self, name: str, items: list[dict[str, Any]]) -> str:
        size = paging.limit(self._get_param("MaxResults"), _IDS_MAX)
        shown, following = paging.page(items, self._get_param("NextToken"), size)
        return json.dumps({name: shown, **following})
