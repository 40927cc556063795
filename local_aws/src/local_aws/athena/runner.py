"""The queue: takes queries in, runs N at once, and sees each to its final state."""

import logging
from concurrent.futures import ThreadPoolExecutor

from local_aws.athena import ddl, dml, errors, results, show, written
from local_aws.athena.catalog import Catalog
from local_aws.athena.clients import Clients
from local_aws.athena.engine import Engine
from local_aws.athena.errors import QueryFailedError, RequestRefusedError, ScanLimitError
from local_aws.athena.execution import QueryExecution
from local_aws.athena.failing import failure_of_the_query
from local_aws.athena.results import Result
from local_aws.athena.settings import Settings
from local_aws.athena.statements import Statement, without_texts
from local_aws.config import Config

logger = logging.getLogger(__name__)

_NOT_TRINOS_GRAMMAR = {"CREATE_TABLE_AS_SELECT", "SHOW_PARTITIONS", "UNLOAD", "PREPARE", "DEALLOCATE"}


class Runner:
    """Runs queries for one embedded AWS."""

    def __init__(self, config: Config, settings: Settings) -> None:
        self.settings = settings
        self.clients = Clients(config)
        self.catalog = Catalog(self.clients)
        self.engine = Engine(config.host, config.trino_port, settings.engine_start_seconds)
        self._queries = ThreadPoolExecutor(settings.concurrent_queries, thread_name_prefix="athena-query")
        # Catalog statements need no engine: they must not wait behind queries that wait for it to start.
        self._statements = ThreadPoolExecutor(2, thread_name_prefix="athena-ddl")

    def check(self, statement: Statement) -> None:
        """Refuse what Athena refuses before it queues a query.

        Raises:
            RequestRefusedError: The statement is empty, or does not parse.
        """
        if not statement.bare:
            raise RequestRefusedError("Query string is empty", "MALFORMED_QUERY")
        if ";" in without_texts(statement.text):
            message = f"Only one sql statement is allowed. Got: {statement.text}"
            raise RequestRefusedError(message, "MALFORMED_QUERY")
        parsed_here = ddl.handler(statement) or show.handler(statement)
        if parsed_here or statement.substatement in _NOT_TRINOS_GRAMMAR:
            return
        if self.engine.up and (complaint := self.engine.check_syntax(statement.text)):
            raise RequestRefusedError(complaint, "MALFORMED_QUERY")
        if statement.substatement is None:
            # What the engine knows and Athena does not: USE, SET SESSION, CALL, START TRANSACTION and others.
            raise RequestRefusedError("Queries of this type are not supported", "NOT_SUPPORTED")

    def submit(self, execution: QueryExecution) -> None:
        """Queue a query."""
        if (failure := failure_of_the_query()) is not None:
            execution.fail(failure)
            return
        statement = execution.statement
        on_catalog = ddl.handler(statement) or show.handler(statement)
        (self._statements if on_catalog else self._queries).submit(self._run, execution)

    def _run(self, execution: QueryExecution) -> None:
        try:
            self._carry_out(execution)
        except QueryFailedError as failure:
            execution.fail(failure)
        except ScanLimitError as limit:
            execution.stop(limit.reason)
        except Exception as error:
            logger.exception("Query %s failed for a reason of ours", execution.id)
            reason = f"GENERIC_INTERNAL_ERROR: {type(error).__name__}: {error}"
            execution.fail(QueryFailedError(reason, errors.INTERNAL_ERROR, errors.SYSTEM, retryable=True))

    def _carry_out(self, execution: QueryExecution) -> None:
        statement = execution.statement
        change, look = ddl.handler(statement), show.handler(statement)
        if change is None and look is None:
            self.engine.await_start(execution)
        if not execution.begin():
            return
        if change is not None:
            result = change(self.clients, self.catalog, statement, execution.database)
        elif look is not None:
            result = look(self.catalog, statement, execution.database)
        else:
            result = dml.run(self.engine, self.clients, self.catalog, execution)
        self._finish(execution, result)

    def _finish(self, execution: QueryExecution, result: Result) -> None:
        results.write(self.clients, execution, result)
        execution.update_count = result.update_count
        written.write_manifest(self.clients, execution)
        execution.succeed()
