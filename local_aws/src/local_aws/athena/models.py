"""Athena's backend: moto's, with queries that run."""

from typing import Any, ClassVar

from botocore.exceptions import ClientError
from moto.athena.models import AthenaBackend

from local_aws.athena import results, reuse, statements
from local_aws.athena.errors import RequestRefusedError
from local_aws.athena.execution import QueryExecution
from local_aws.athena.prepared import PreparedStatements
from local_aws.athena.results import split_uri
from local_aws.athena.runner import Runner

_NO_OUTPUT = (
    "No output location provided. An output location is required either through the Workgroup result "
    "configuration setting or as an API input."
)

_QUERIES_MAX = 10_000
_STATE = "INVALID_QUERY_EXECUTION_STATE"


class LocalAthenaBackend(AthenaBackend):  # type: ignore[misc]
    """Runs queries instead of pretending to; work groups, named queries and tags stay moto's.

    Attributes:
        runner: Runs the queries of every account and region; set by ``install``.
        queries: The latest 10,000 queries by id, in the order of their arrival.
        tokens: Query id by ClientRequestToken.
        prepared: Statements that PREPARE or CreatePreparedStatement keeps.
    """

    runner: ClassVar[Runner]

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.queries: dict[str, QueryExecution] = {}
        self.tokens: dict[str, str] = {}
        self.prepared = PreparedStatements()

    def start_query(
        self,
        *,
        sql: str,
        context: dict[str, str],
        result_configuration: dict[str, Any],
        work_group: str,
        parameters: list[str],
        token: str | None,
        reuse_minutes: int | None = None,
    ) -> QueryExecution:
        """Queue a query, or return the one that the same token has started.

        Raises:
            RequestRefusedError: Athena would not queue it.
        """
        if token and self.tokens.get(token) in self.queries:
            return self._repeated(token, sql, context, result_configuration)
        configuration = self._configuration(work_group, result_configuration)
        sent = statements.classify(sql)
        self.runner.check(sent)
        statement, values = self.prepared.run(sent, work_group)
        group = self.work_groups[work_group].configuration
        query = QueryExecution(
            statement=statement,
            sent=sent.text,
            work_group=work_group,
            output_enforced=_enforces_output(group),
            scan_limit=group.get("BytesScannedCutoffPerQuery"),
            reuse_minutes=reuse_minutes,
            output=configuration["OutputLocation"].rstrip("/") + "/",
            result_configuration=configuration,
            requested_output=result_configuration.get("OutputLocation"),
            context=context,
            parameters=values or parameters,
        )
        earlier = reuse.candidate(self.queries.values(), query)
        self.queries[query.id] = query
        if len(self.queries) > _QUERIES_MAX:
            del self.queries[next(iter(self.queries))]
        if token:
            self.tokens[token] = query.id
        if earlier is not None and reuse.is_eligible(self.runner.catalog, query):
            query.reuse(earlier)
        else:
            self.runner.submit(query)
        return query

    def _repeated(
        self, token: str, sql: str, context: dict[str, str], result_configuration: dict[str, Any]
    ) -> QueryExecution:
        query = self.queries[self.tokens[token]]
        same_sql = statements.classify(sql).text == query.sent
        same_output = result_configuration.get("OutputLocation") == query.requested_output
        if not (same_sql and same_output and context == query.context):
            raise RequestRefusedError("Idempotent parameters do not match", "IDEMPOTENT_PARAMETER_MISMATCH")
        return query

    def _configuration(self, work_group: str, requested: dict[str, Any]) -> dict[str, Any]:
        """Result configuration that applies: the work group's if enforced or if the caller has none."""
        group = self.work_groups.get(work_group)
        if group is None:
            raise RequestRefusedError("WorkGroup is not found.")
        if group.state != "ENABLED":
            raise RequestRefusedError(f"WorkGroup {work_group} is disabled.")
        default = group.configuration.get("ResultConfiguration") or {}
        configuration = dict(default) if _enforces_output(group.configuration) else {**default, **requested}
        location = configuration.get("OutputLocation")
        if not location:
            raise RequestRefusedError(_NO_OUTPUT)
        bucket = split_uri(location)[0]
        if not location.startswith("s3://") or not bucket:
            raise RequestRefusedError("outputLocation is not a valid S3 path.")
        try:
            self.runner.clients.s3.head_bucket(Bucket=bucket)
        except ClientError as error:
            raise RequestRefusedError(f"Unable to verify/create output bucket {bucket}") from error
        return configuration

    def query(self, query_id: str) -> QueryExecution:
        """A query by its id.

        Raises:
            RequestRefusedError: There is none.
        """
        found = self.queries.get(query_id)
        if found is None:
            raise RequestRefusedError(f"QueryExecution {query_id} was not found", "QUERY_EXECUTION_NOT_FOUND")
        return found

    def query_page(self, query_id: str, token: str | None, limit: int) -> dict[str, Any]:
        """A page of a query's rows.

        Raises:
            RequestRefusedError: It has no rows to show.
        """
        query = self.query(query_id)
        if not query.finished:
            raise RequestRefusedError(f"Query has not yet finished. Current state: {query.state}", _STATE)
        if query.state == "CANCELLED":
            raise RequestRefusedError("Could not find results", "RESULT_NOT_FOUND")
        if query.state == "FAILED":
            raise RequestRefusedError(
                "Query did not finish successfully. Final query state: FAILED",
                "INVALID_QUERY_EXECUTION_STATE",
            )
        return results.page(self.runner.clients, query, token, limit)

    def query_ids(self, work_group: str) -> list[str]:
        """Ids of a work group's queries, the newest first."""
        return [query.id for query in reversed(self.queries.values()) if query.work_group == work_group]


def _enforces_output(configuration: dict[str, Any]) -> bool:
    """Whether a work group says where results go, whatever its callers say."""
    own = configuration.get("ResultConfiguration") or {}
    return bool(configuration.get("EnforceWorkGroupConfiguration") and "OutputLocation" in own)
