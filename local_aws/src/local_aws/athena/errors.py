"""How Athena words what goes wrong: a refused request, and a query that failed."""

import json

from moto.core.exceptions import JsonRESTError

SYSTEM = 1
USER = 2

# https://docs.aws.amazon.com/athena/latest/ug/error-reference.html
USER_ERROR = 1000
SYNTAX_ERROR = 1006
DDL_TASK_FAILED = 1003
INVALID_ARGUMENT = 1100
S3_PATH_NOT_FOUND = 1109
ALREADY_EXISTS = 1110
NOT_SUPPORTED = 1200
NOT_FOUND = 1301
ENGINE_ERROR = 200
INTERNAL_ERROR = 100
RESULT_WRITE_FAILED = 401

_ENGINE_ERROR_TYPES = {
    "DIVISION_BY_ZERO": 1001,
    "TYPE_MISMATCH": 1002,
    "SYNTAX_ERROR": SYNTAX_ERROR,
    "COLUMN_NOT_FOUND": SYNTAX_ERROR,
    "CATALOG_NOT_FOUND": SYNTAX_ERROR,
    "INVALID_CAST_ARGUMENT": INVALID_ARGUMENT,
    "INVALID_PARAMETER_USAGE": INVALID_ARGUMENT,
    "NUMERIC_VALUE_OUT_OF_RANGE": INVALID_ARGUMENT,
    "INVALID_FUNCTION_ARGUMENT": 1106,
    "INVALID_VIEW": 1107,
    "TABLE_ALREADY_EXISTS": ALREADY_EXISTS,
    "NOT_SUPPORTED": NOT_SUPPORTED,
    "TABLE_NOT_FOUND": NOT_FOUND,
    "SCHEMA_NOT_FOUND": NOT_FOUND,
    "FUNCTION_NOT_FOUND": 1303,
}


class RequestRefusedError(JsonRESTError):  # type: ignore[misc]
    """A call that Athena answers with InvalidRequestException.

    Args:
        message: What Athena says.
        code: Athena's own code of the reason, in the reply's ``AthenaErrorCode``.
        exception: Name of the exception that clients see.
    """

    code = 400

    def __init__(
        self, message: str, code: str = "INVALID_INPUT", exception: str = "InvalidRequestException"
    ) -> None:
        super().__init__(exception, message)
        self.description = json.dumps(
            {"__type": exception, "AthenaErrorCode": code, "ErrorCode": code, "Message": message}
        )


class ScanLimitError(Exception):
    """A query read more than its work group allows, and ends CANCELLED."""

    reason = "Bytes scanned limit was exceeded"


class QueryFailedError(Exception):
    """A query that ends FAILED.

    Args:
        reason: The query's StateChangeReason, worded as Athena words it.
        error_type: Number of Athena's error catalog.
        category: SYSTEM or USER.
        retryable: Whether the same query may succeed later.
    """

    def __init__(
        self, reason: str, error_type: int = USER_ERROR, category: int = USER, *, retryable: bool = False
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.error_type = error_type
        self.category = category
        self.retryable = retryable

    @classmethod
    def from_engine(cls, name: str, message: str, *, by_user: bool) -> "QueryFailedError":
        """Word an error of the engine, whose ``name`` is Trino's error code, such as COLUMN_NOT_FOUND."""
        fallback = USER_ERROR if by_user else ENGINE_ERROR
        return cls(f"{name}: {message}", _ENGINE_ERROR_TYPES.get(name, fallback), USER if by_user else SYSTEM)

    @classmethod
    def table_not_found(cls, name: str) -> "QueryFailedError":
        return cls(f"FAILED: SemanticException [Error 10001]: Table not found {name}", SYNTAX_ERROR)

    @classmethod
    def database_not_found(cls, name: str) -> "QueryFailedError":
        return cls(f"FAILED: SemanticException [Error 10072]: Database does not exist: {name}", SYNTAX_ERROR)

    @classmethod
    def ddl_task(cls, detail: str) -> "QueryFailedError":
        return cls(
            "FAILED: Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. " + detail,
            DDL_TASK_FAILED,
        )
