"""The engine: runs SQL on Trino and words its errors as Athena does."""

import contextlib
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import trino.dbapi
import trino.exceptions

from local_aws.athena import column_types, errors
from local_aws.athena.errors import QueryFailedError, ScanLimitError
from local_aws.athena.execution import QueryExecution
from local_aws.trino.process import answers
from local_aws.trino.settings import HIVE_CATALOG

_POLL_SECONDS = 0.2
_NAMING_SECONDS = 3
_PREPARE = "PREPARE statement FROM\n"
_LOST = (trino.exceptions.TrinoConnectionError, trino.exceptions.HttpError, trino.exceptions.OperationalError)


@dataclass(frozen=True)
class Answer:
    """What the engine answers.

    Attributes:
        columns: Name and type of each column.
        rows: Values as Trino's JSON carries them; can be read once, and reading goes on while it computes.
    """

    columns: list[tuple[str, column_types.EngineType]]
    rows: Iterator[list[Any]]


class Engine:
    """Trino at one address."""

    def __init__(self, host: str, port: int, start_seconds: float) -> None:
        self._host = host
        self._port = port
        self._start_seconds = start_seconds

    @property
    def up(self) -> bool:
        """Whether it answers now; it may have died and be starting again, hence asked each time."""
        return answers(self._host, self._port)

    def await_start(self, execution: QueryExecution) -> None:
        """Wait until it answers, or the execution is cancelled.

        Raises:
            QueryFailedError: It did not start in time.
        """
        deadline = time.monotonic() + self._start_seconds
        while not self.up and not execution.finished:
            if time.monotonic() > deadline:
                raise QueryFailedError(
                    f"GENERIC_INTERNAL_ERROR: Trino at {self._host}:{self._port} did not start within "
                    f"{self._start_seconds:g} s; see trino.log in the log folder of the embedded AWS",
                    errors.INTERNAL_ERROR,
                    errors.SYSTEM,
                    retryable=True,
                )
            time.sleep(_POLL_SECONDS)

    def check_syntax(self, sql: str) -> str | None:
        """Parse without running; returns the engine's complaint, with positions in ``sql``, or None."""
        try:
            self._cursor("default").execute(_PREPARE + sql).fetchall()
        except trino.exceptions.TrinoQueryError as error:
            if error.error_name != "SYNTAX_ERROR":
                return None
            return re.sub(r"^line (\d+)", lambda m: f"line {int(m[1]) - 1}", str(error.message))
        except _LOST:
            return None
        return None

    def run(self, sql: str, execution: QueryExecution, session: dict[str, str] | None = None) -> Answer:
        """Run a statement for an execution, whose statistics and ``cancel`` follow it.

        Raises:
            QueryFailedError: The engine refused or failed, now or while the rows are read.
            ScanLimitError: It read more than it may.
        """
        if execution.scan_limit is not None:
            session = {**(session or {}), "query_max_scan_physical_bytes": f"{execution.scan_limit}B"}
        cursor = self._cursor(execution.database, session)
        execution.cancel = lambda: _cancel(cursor)
        if execution.finished:  # stopped before there was anything to cancel
            return Answer([], iter(()))
        read = self._translated(cursor, sql, execution)
        return Answer(next(read), read)

    def _translated(self, cursor: Any, sql: str, execution: QueryExecution) -> Iterator[Any]:
        """Yield the columns, then each row; engine errors become QueryFailedError wherever they happen."""
        try:
            self._execute(cursor, sql, execution)
            execution.engine_query_id = cursor.query_id
            yield [(c.name, column_types.parse(c.type_code)) for c in cursor.description or []]
            while (row := cursor.fetchone()) is not None:
                if execution.finished:
                    cursor.cancel()
                    return
                yield row
        except trino.exceptions.TrinoQueryError as error:
            if error.error_name == "EXCEEDED_SCAN_LIMIT":
                raise ScanLimitError from error
            by_user = error.error_type == "USER_ERROR"
            raise QueryFailedError.from_engine(error.error_name, error.message, by_user=by_user) from error
        except _LOST as error:
            raise QueryFailedError(
                "GENERIC_INTERNAL_ERROR: Trino went away while the query ran; run it again",
                errors.ENGINE_ERROR,
                errors.SYSTEM,
                retryable=True,
            ) from error
        statistics = cursor.stats or {}
        execution.scanned_bytes = int(statistics.get("physicalInputBytes", 0))
        execution.planning_ms = int(statistics.get("planningTimeMillis", 0))
        # The engine looks at its limit each second only.
        if execution.scan_limit is not None and execution.scanned_bytes > execution.scan_limit:
            raise ScanLimitError

    def _execute(self, cursor: Any, sql: str, execution: QueryExecution) -> None:
        """Start a statement; a Trino that has just started can lose sight of itself, its only node, for seconds."""
        deadline = time.monotonic() + self._start_seconds
        while True:
            try:
                cursor.execute(sql)
            except trino.exceptions.TrinoQueryError as error:
                if (
                    error.error_name != "NO_NODES_AVAILABLE"
                    or execution.finished
                    or time.monotonic() > deadline
                ):
                    raise
                time.sleep(_POLL_SECONDS)
            else:
                return

    def _cursor(self, database: str, session: dict[str, str] | None = None) -> Any:
        connection = trino.dbapi.connect(
            host=self._host,
            port=self._port,
            user="athena",
            source="athena",
            catalog=HIVE_CATALOG,
            schema=database,
            timezone="UTC",
            session_properties=session or {},
            # Values as the JSON has them: Athena's API has only text, and none may lose digits on the way.
            legacy_primitive_types=True,
        )
        return connection.cursor()


def _cancel(cursor: Any) -> None:
    """Cancel what a cursor runs; the engine may not have named the query yet, and only a named one can be."""
    deadline = time.monotonic() + _NAMING_SECONDS
    while cursor.query_id is None and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS / 10)
    with contextlib.suppress(*_LOST):
        cursor.cancel()
