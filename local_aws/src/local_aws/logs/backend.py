"""moto's CloudWatch Logs with queries that are evaluated."""

from typing import Any

from moto.logs import models
from moto.logs.exceptions import InvalidParameterException, ResourceNotFoundException

from local_aws.logs.insights import InsightsQuery


class QueryableBackend(models.LogsBackend):  # type: ignore[misc]
    """CloudWatch Logs of one account and region."""

    @property
    def _url_module(self) -> Any:
        from local_aws.logs import urls  # noqa: PLC0415 - urls imports the responses, which import this module

        return urls

    def query(self, text: str, groups: list[str], start: int, end: int, limit: int | None) -> InsightsQuery:
        """Run a query.

        Raises:
            ResourceNotFoundException: There is no such group.
            MalformedQueryError: The query breaks a rule, or has what is not supported here.
        """
        for name in groups:
            if name not in self.groups:
                raise ResourceNotFoundException
        query = InsightsQuery(text, [self.groups[name] for name in groups], start, end, limit)
        self.queries[query.query_id] = query
        return query

    def get_query_results(self, query_id: str) -> InsightsQuery:
        if query_id not in self.queries:
            raise ResourceNotFoundException(f"Query with ID {query_id} does not exist.")
        return self.queries[query_id]  # type: ignore[no-any-return]

    def stop_query(self, query_id: str) -> None:
        """Refuse: every query has ended when its start is answered.

        Raises:
            ResourceNotFoundException: There is no such query.
            InvalidParameterException: There is.
        """
        query = self.get_query_results(query_id)
        raise InvalidParameterException(f"Query {query_id} is not running: its status is {query.status}")
