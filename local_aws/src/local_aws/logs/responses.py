"""Calls of CloudWatch Logs that moto lacks or only pretends."""

import json

from moto.logs.exceptions import InvalidParameterException
from moto.logs.models import logs_backends
from moto.logs.responses import LogsResponse

from local_aws.logs.backend import QueryableBackend


class QueryableResponse(LogsResponse):  # type: ignore[misc]
    """Serves one request to CloudWatch Logs."""

    @property
    def logs_backend(self) -> QueryableBackend:
        return logs_backends[self.current_account][self.region]  # type: ignore[no-any-return]

    def start_query(self) -> str:
        if (language := self._get_param("queryLanguage") or "CWLI") != "CWLI":
            raise InvalidParameterException(f"Queries in {language} are not supported here")
        query = self.logs_backend.query(
            self._get_param("queryString"),
            self._groups(),
            self._get_int_param("startTime"),
            self._get_int_param("endTime"),
            self._get_int_param("limit"),
        )
        return json.dumps({"queryId": query.query_id})

    def _groups(self) -> list[str]:
        one = self._get_param("logGroupName")
        given: list[list[str] | None] = [
            [one] if one else None,
            self._get_param("logGroupNames"),
            self._identified(),
        ]
        named = [names for names in given if names]
        if len(named) != 1:
            raise InvalidParameterException(
                "Exactly one of logGroupName, logGroupNames and logGroupIdentifiers has to be given"
            )
        return named[0]

    def _identified(self) -> list[str]:
        return [name.split(":log-group:")[-1] for name in self._get_param("logGroupIdentifiers") or []]

    def stop_query(self) -> str:
        self.logs_backend.stop_query(self._get_param("queryId"))
        return json.dumps({"success": False})
