"""Errors of queries, as CloudWatch Logs answers them."""

import json

from moto.logs.exceptions import LogsClientError


class MalformedQueryError(LogsClientError):  # type: ignore[misc]
    """A query that breaks the language's rules, or asks for what is not supported here.

    Args:
        message: What is wrong.
        start: Offset of the first character that is wrong.
        end: Offset after the last one.
    """

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__("MalformedQueryException", message)
        place = {"startCharOffset": start, "endCharOffset": end}
        told = {"__type": self.error_type, "message": message}
        self.description = json.dumps({**told, "queryCompileError": {"location": place, "message": message}})
