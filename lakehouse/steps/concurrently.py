"""Several tables at once: a small table's time goes into planning and commits, which leave executors idle."""

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context

from lakehouse.address import Address
from lakehouse.contract import Contract
from lakehouse.logs import log_table

log = logging.getLogger(__name__)

TABLES_AT_ONCE = 4


def for_each_table[Result](
    contracts: Sequence[Contract], work: Callable[[Contract], Result]
) -> dict[str, Result]:
    """What `work` returns for each table, by name; a table's work starts when that of its parents is done.

    `contracts` come parents first. Raises what the first table's work raised, when no work is running any more.
    """
    begun: dict[Address, Future[Result]] = {}

    def after_parents(contract: Contract) -> Result:
        for reference in contract.references.values():
            if reference.address in begun and reference.address != contract.address:
                begun[reference.address].result()
        with log_table(contract.address):
            return _told(work, contract)

    with ThreadPoolExecutor(TABLES_AT_ONCE, thread_name_prefix="table") as pool:
        for contract in contracts:
            begun[contract.address] = pool.submit(copy_context().run, after_parents, contract)
    return {contract.name: begun[contract.address].result() for contract in contracts}


def _told[Result](work: Callable[[Contract], Result], contract: Contract) -> Result:
    log.debug("%s started", contract.address)
    started = time.monotonic()
    try:
        result = work(contract)
    except Exception as error:
        # The kind alone: what an error says may quote data, and is raised.
        log.error("%s failed: %s", contract.address, type(error).__name__)  # noqa: TRY400
        raise
    log.debug("%s done in %.1f s", contract.address, time.monotonic() - started)
    return result
